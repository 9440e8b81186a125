import { Anchor, Group, Select, SimpleGrid, Stack, Switch, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { objectOf } from '../graph/json.ts'
import { useLive } from '../graph/live.ts'
import { imagesFor, versionsWith } from './choices.ts'
import { useFormats } from '../look/formats.ts'
import { StepScalarsDocument } from './iteration.generated.ts'
import type { Step } from './IterationPage.tsx'
import { Gpus } from './MineStep.tsx'
import { ParameterFields } from './ParameterFields.tsx'
import { JobBar } from '../job/JobBar.tsx'
import type { Settings } from './StepPanel.tsx'
import { VersionSelect } from './VersionSelect.tsx'

/** With what the model of the round is trained. */
export function TrainSettings({ round, choices, parameters, onChange }: Settings) {
  const { t } = useTranslation('iteration')
  const image = choices.images.find(({ id }) => id === parameters.executorImageId)
  const warmStart =
    typeof parameters.warmStart === 'boolean' ? parameters.warmStart : parameters.startStageId !== null
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
        <VersionSelect
          label={t('testSet')}
          description={t('testSetAdvice')}
          versions={versionsWith(choices, round.testVersion)}
          value={String(parameters.testVersionId)}
          onChange={(id) => onChange({ testVersionId: id })}
        />
        <Select
          label={t('executorImage')}
          description={t('trainingImageAdvice')}
          data={imagesFor(choices.images, 'TRAINING').map(({ id, name }) => ({ value: id, label: name }))}
          value={String(parameters.executorImageId)}
          onChange={(id) => onChange({ executorImageId: id })}
          allowDeselect={false}
        />
        <Switch
          label={t('warmStart', { model: round.startModel.name })}
          description={t('warmStartAdvice')}
          checked={warmStart}
          onChange={({ currentTarget: { checked } }) => onChange({ warmStart: checked })}
        />
        {choices.gpuCount > 0 && (
          <Gpus gpuCount={choices.gpuCount} value={parameters.gpuCount} onChange={onChange} />
        )}
      </SimpleGrid>
      <ParameterFields
        template={image?.trainingTemplate}
        value={objectOf(parameters.trainingParameters)}
        onChange={(trainingParameters) => onChange({ trainingParameters })}
      />
    </Stack>
  )
}

type Model = NonNullable<Step['model']>

/** The model of the round: how its training goes, or how good it is. */
export function TrainWork({ model }: { readonly model: Model }) {
  const { t } = useTranslation('iteration')
  const { percent } = useFormats()
  const isTraining = model.state === 'TRAINING'
  return (
    <Stack gap="sm">
      {isTraining && <JobBar id={model.jobId} />}
      {isTraining && <Scalars jobId={model.jobId} />}
      {model.state === 'EVALUATING' && <Text size="sm">{t('isEvaluated')}</Text>}
      <Group gap="lg">
        {model.map50 !== null && (
          <Text size="xl" fw={650} className="figures" data-map={model.map50}>
            {t('mapIs', { map: percent(model.map50) })}
          </Text>
        )}
        <Anchor component={Link} to={`/models/${model.id}`} size="sm">
          {model.name}
        </Anchor>
      </Group>
    </Stack>
  )
}

/** The newest value of each figure that the training logs, as it is logged. */
function Scalars({ jobId }: { readonly jobId: string }) {
  const { i18n } = useTranslation('iteration')
  const [newest, setNewest] = useState<ReadonlyMap<string, number>>(new Map())
  useLive(
    StepScalarsDocument,
    { jobId },
    {
      onUpdate: ({ jobScalars: { scalars } }) =>
        setNewest((known) => new Map([...known, ...scalars.map(({ tag, value }) => [tag, value] as const)])),
    },
  )
  const figure = new Intl.NumberFormat(i18n.language, { maximumSignificantDigits: 3 })
  return (
    <Group gap="lg" className="figures">
      {[...newest].map(([tag, value]) => (
        <div key={tag}>
          <Text size="xs" c="dimmed">
            {tag}
          </Text>
          <Text size="sm" fw={600}>
            {figure.format(value)}
          </Text>
        </div>
      ))}
    </Group>
  )
}
