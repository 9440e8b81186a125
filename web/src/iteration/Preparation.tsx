import {
  Alert,
  Button,
  Collapse,
  Group,
  List,
  NumberInput,
  Paper,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  Title,
} from '@mantine/core'
import { useMutation } from '@apollo/client/react'
import { IconPlayerPlay, IconRepeat } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { objectOf } from '../graph/json.ts'
import type { StartIterationInput } from '../graph/schema.generated.ts'
import { Problem } from '../look/Problem.tsx'
import { StartPlanDialog, type Begun } from '../plan/StartPlanDialog.tsx'
import { imagesFor, type Choices } from './choices.ts'
import { ClassShares } from './ClassShares.tsx'
import { StartIterationDocument, type RoundsQuery } from './iteration.generated.ts'
import { settingOf, whoIn } from './labeller.ts'
import { ParameterFields } from './ParameterFields.tsx'
import { missingIn, startOfNextRound, startOfFirstRound, type Start } from './start.ts'
import { settingsOfChoice } from './strategy-choice.ts'
import { StrategyInput } from './StrategyInput.tsx'
import { VersionSelect } from './VersionSelect.tsx'

type Iterations = NonNullable<RoundsQuery['project']>['iterations']

/** What a round needs, chosen; it can be started when nothing is missing. */
export function Preparation({
  projectId,
  choices,
  iterations,
  modelId,
}: {
  readonly projectId: string
  readonly choices: Choices
  readonly iterations: Iterations
  /** To mine with, instead of the newest or of that of the round before. */
  readonly modelId?: string
}) {
  const { t } = useTranslation('iteration')
  const before = iterations.at(-1)
  const wanted = choices.models.find(({ id }) => id === modelId)
  const [changes, setChanges] = useState<Partial<Start>>(wanted ? { startModelId: wanted.id } : {})
  const [isOpen, setOpen] = useState(before === undefined || wanted !== undefined)
  const start = { ...(before ? startOfNextRound(before) : startOfFirstRound(choices, modelId)), ...changes }
  const missing = missingIn(start)
  const { t: plan } = useTranslation('plan')
  const [isPlanning, setPlanning] = useState(false)
  const { begin, starting, error } = useStart(projectId, start)
  const round = (before?.round ?? 0) + 1
  return (
    <Paper withBorder p="lg" component="section" aria-labelledby="preparation">
      <Stack>
        <Group justify="space-between" align="flex-start">
          <Stack gap={2}>
            <Title order={2} size="h4" id="preparation">
              {t('prepareRound', { round })}
            </Title>
            <Text size="sm" c="dimmed" maw={640}>
              {before ? t('laterRoundAdvice') : t('firstRoundAdvice')}
            </Text>
          </Stack>
          {before && (
            <Button
              variant="subtle"
              size="compact-sm"
              aria-expanded={isOpen}
              onClick={() => setOpen(!isOpen)}
            >
              {isOpen ? t('hideSettings') : t('changeSettings')}
            </Button>
          )}
        </Group>
        <Collapse expanded={isOpen}>
          <StartForm
            start={start}
            choices={choices}
            onChange={(change) => setChanges({ ...changes, ...change })}
          />
        </Collapse>
        {missing.length > 0 && (
          <Alert color="yellow" variant="light" title={t('missing')} role="status">
            <List size="sm">
              {missing.map((field) => (
                <List.Item key={field}>{t(`missingField.${field}`)}</List.Item>
              ))}
            </List>
          </Alert>
        )}
        <Problem error={error} />
        <Group>
          <Button
            size="md"
            leftSection={<IconPlayerPlay size={18} aria-hidden />}
            disabled={missing.length > 0}
            loading={starting}
            onClick={() => void begin()}
          >
            {t('startIteration')}
          </Button>
          <Button
            size="md"
            variant="default"
            leftSection={<IconRepeat size={18} aria-hidden />}
            disabled={missing.length > 0}
            onClick={() => setPlanning(true)}
          >
            {plan('letItRun')}
          </Button>
        </Group>
        {isPlanning && (
          <StartPlanDialog
            begun={begunPlan(projectId, start, before)}
            labellers={choices.labellers}
            classes={choices.classes}
            close={() => setPlanning(false)}
          />
        )}
      </Stack>
    </Paper>
  )
}

/** What a plan's dialog is filled in with: what is chosen for a round, and who labelled the round before. */
function begunPlan(
  projectId: string,
  { startImageId, automatic: _, ...chosen }: Start,
  before: Iterations[number] | undefined,
): Begun {
  const labelled = objectOf(before?.steps.find(({ name }) => name === 'LABEL')?.parameters)
  return {
    ...{ projectId, executorImageId: startImageId, ...settingOf(whoIn(labelled)) },
    ...{ ...chosen, ...settingsOfChoice(chosen) },
  }
}

/** Starts the round and goes to its page. */
function useStart(projectId: string, start: Start) {
  const navigate = useNavigate()
  const [mutate, { loading, error }] = useMutation(StartIterationDocument)
  const begin = async () => {
    const { startImageId, ...chosen } = start
    const settings = { ...chosen, ...settingsOfChoice(start) }
    const input: StartIterationInput = { projectId, executorImageId: startImageId, ...settings }
    const { data } = await mutate({ variables: { input } }).catch(() => ({ data: undefined })) // `error` tells
    if (data) void navigate(`/projects/${projectId}/iterations/${data.startIteration.iteration.id}`)
  }
  return { begin, starting: loading, error }
}

function StartForm({
  start,
  choices,
  onChange,
}: {
  readonly start: Start
  readonly choices: Choices
  readonly onChange: (change: Partial<Start>) => void
}) {
  const { t } = useTranslation('iteration')
  const { versions, models, images } = choices
  const image = images.find(({ id }) => id === start.startImageId)
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
        <VersionSelect
          label={t('trainingSet')}
          description={t('trainingSetAdvice')}
          versions={versions}
          value={start.trainingVersionId ?? null}
          onChange={(id) => onChange({ trainingVersionId: id ?? undefined })}
        />
        <VersionSelect
          label={t('testSet')}
          description={t('testSetAdvice')}
          versions={versions}
          value={start.testVersionId ?? null}
          onChange={(id) => onChange({ testVersionId: id ?? undefined })}
        />
        <VersionSelect
          label={t('setToMine')}
          description={t('setToMineAdvice')}
          versions={versions}
          value={start.miningVersionId ?? null}
          onChange={(id) => onChange({ miningVersionId: id ?? undefined })}
        />
        <Select
          label={t('startModel')}
          description={t('startModelAdvice')}
          data={models.map(({ id, name }) => ({ value: id, label: name }))}
          value={start.startModelId ?? null}
          onChange={(id) => onChange({ startModelId: id ?? undefined })}
          allowDeselect={false}
          searchable
        />
        <StrategyInput choice={start} onChange={(choice) => onChange(settingsOfChoice(choice))} />
        <NumberInput
          label={t('imagesPerRound')}
          description={t('imagesPerRoundAdvice')}
          min={1}
          max={100_000}
          allowDecimal={false}
          value={start.topK}
          onChange={(topK) => onChange({ topK: Number(topK) })}
        />
        <Select
          label={t('executorImage')}
          description={t('executorImageAdvice')}
          data={imagesFor(images, 'TRAINING', 'MINING').map(({ id, name }) => ({ value: id, label: name }))}
          value={start.startImageId ?? null}
          onChange={(id) => onChange({ startImageId: id ?? undefined })}
          allowDeselect={false}
        />
        <Stack justify="center" gap="sm">
          <Switch
            label={t('annotate')}
            description={t('annotateAdvice')}
            checked={start.annotate}
            onChange={({ currentTarget: { checked } }) =>
              onChange(checked ? { annotate: true } : { annotate: false, minShare: [] })
            }
          />
          <Switch
            label={t('automatic')}
            description={t('automaticAdvice')}
            checked={start.automatic}
            onChange={({ currentTarget: { checked } }) => onChange({ automatic: checked })}
          />
        </Stack>
        <ClassShares
          shares={start.minShare}
          classes={choices.classes}
          onChange={(minShare) => onChange(minShare.length > 0 ? { minShare, annotate: true } : { minShare })}
        />
      </SimpleGrid>
      <ParameterFields
        template={image?.trainingTemplate}
        value={start.trainingParameters}
        onChange={(trainingParameters) => onChange({ trainingParameters })}
      />
    </Stack>
  )
}
