import {
  Button,
  Group,
  NumberInput,
  Paper,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core'
import { useMutation } from '@apollo/client/react'
import { IconPlayerPlay } from '@tabler/icons-react'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { useSlots } from '../job/Slots.tsx'
import { Problem } from '../look/Problem.tsx'
import { useFormats } from '../look/formats.ts'
import { Parameters } from './Parameters.tsx'
import { changeable, changed } from './parameters.ts'
import { SetField } from './SetField.tsx'
import { SharedImages } from './SharedImages.tsx'
import type { TrainImage, TrainProject } from './TrainPage.tsx'
import { TrainModelDocument } from './train.generated.ts'
import { freeName, versionsOf, wantedTest, wantedTraining } from './wanted.ts'

interface TrainFormProps {
  readonly project: TrainProject
  readonly images: readonly TrainImage[]
  /** The training set that one came from. */
  readonly versionId: string | null
  /** The model that one wants to go on from. */
  readonly startModelId: string | null
}

export function TrainForm({ project, images, versionId, startModelId }: TrainFormProps) {
  const { t } = useTranslation('train')
  const navigate = useNavigate()
  const models = project.models.edges.map(({ node }) => node)
  const [training, setTraining] = useState(() => wantedTraining(project, versionId))
  const [test, setTest] = useState(() => wantedTest(project))
  const [image, setImage] = useState(images[0]!)
  const [parameters, setParameters] = useState(() => changeable(images[0]!.trainingTemplate))
  const [gpuCount, setGpuCount] = useState<number>()
  const [startStageId, setStartStageId] = useState(
    () => models.find(({ id }) => id === startModelId)?.stages.find(({ best }) => best)?.id ?? null,
  )
  const [name, setName] = useState(() => freeName(project, t('newName')))
  const [train, { loading, error }] = useMutation(TrainModelDocument, {
    onCompleted: ({ trainModel }) => void navigate(`/models/${trainModel.model.id}`),
  })
  const gpus = useGpus()
  const gpusWanted = gpuCount ?? Math.min(1, gpus.free)

  function chooseImage(id: string | null) {
    const chosen = images.find((one) => one.id === id)
    if (!chosen) return
    setImage(chosen)
    setParameters(changeable(chosen.trainingTemplate))
  }

  function submit(event: FormEvent) {
    event.preventDefault()
    if (!training || !test) return
    const input = {
      projectId: project.id,
      name: name.trim(),
      trainingVersionId: training,
      testVersionId: test,
      executorImageId: image.id,
      gpuCount: gpusWanted,
      startStageId,
      parameters: changed(changeable(image.trainingTemplate), parameters),
    }
    // shown as `error`
    void train({ variables: { input } }).catch(() => undefined)
  }

  const versions = versionsOf(project)
  return (
    <form onSubmit={submit}>
      <Stack gap="lg">
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <SetField
            label={t('trainingSet')}
            versions={versions}
            value={training}
            onChange={setTraining}
            classes={project.classes}
          />
          <SetField
            label={t('testSet')}
            advice={t('testSetAdvice')}
            versions={versions}
            value={test}
            onChange={setTest}
            classes={project.classes}
          />
        </SimpleGrid>
        {training && test && <SharedImages key={`${training} ${test}`} trainingId={training} testId={test} />}
        <Paper withBorder p="md">
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <TextInput
              label={t('name')}
              required
              maxLength={100}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Select
              label={t('executorImage')}
              required
              allowDeselect={false}
              value={image.id}
              onChange={chooseImage}
              data={images.map((one) => ({ value: one.id, label: one.name }))}
            />
            <StartStage models={models} value={startStageId} onChange={setStartStageId} />
            <NumberInput
              label={t('gpus')}
              description={gpus.words}
              min={0}
              max={gpus.all}
              disabled={gpus.all === 0}
              allowDecimal={false}
              value={gpusWanted}
              onChange={(value) => setGpuCount(Number(value))}
            />
          </SimpleGrid>
        </Paper>
        <Paper withBorder p="md">
          <Title order={2} size="h4" mb="sm">
            {t('parameters')}
          </Title>
          <Parameters
            key={image.id}
            template={changeable(image.trainingTemplate)}
            value={parameters}
            onChange={setParameters}
          />
        </Paper>
        <Text size="sm" c="dimmed">
          {t('learns', { classes: project.classes.join(', '), count: project.classes.length })}
        </Text>
        <Problem error={error} />
        <Group>
          <Button
            type="submit"
            size="md"
            loading={loading}
            disabled={!training || !test || project.classes.length === 0}
            leftSection={<IconPlayerPlay size={18} aria-hidden />}
          >
            {t('start')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function StartStage({
  models,
  value,
  onChange,
}: {
  models: readonly TrainProject['models']['edges'][number]['node'][]
  value: string | null
  onChange: (stageId: string | null) => void
}) {
  const { t } = useTranslation('train')
  const { percent } = useFormats()
  const withStages = models.filter(({ stages }) => stages.length > 0)
  return (
    <Select
      label={t('startStage')}
      description={t('startStageAdvice')}
      placeholder={t('fromScratch')}
      clearable
      searchable
      value={value}
      onChange={onChange}
      data={withStages.map(({ name, map50, stages }) => ({
        group: map50 === null ? name : t('modelWithMap', { name, map: percent(map50) }),
        items: stages.map((stage) => ({
          value: stage.id,
          label: stage.best ? t('bestStage', { model: name, stage: stage.name }) : `${name}: ${stage.name}`,
        })),
      }))}
    />
  )
}

/** How many GPUs there are and free; where there is none, of the CPU slots. */
function useGpus(): { all: number; free: number; words: string } {
  const { t } = useTranslation('train')
  const { slots, free } = useSlots()
  if (!slots) return { all: 0, free: 0, words: t('slotsUnknown') }
  const all = slots.filter(({ kind }) => kind === 'GPU').length
  if (all > 0)
    return { all, free: free('GPU').length, words: t('gpusFree', { free: free('GPU').length, all }) }
  const cpus = slots.filter(({ kind }) => kind === 'CPU').length
  return { all: 0, free: 0, words: t('cpusFree', { free: free('CPU').length, all: cpus }) }
}
