import { Alert, Button, Group, Paper, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useApolloClient, useMutation } from '@apollo/client/react'
import { IconAlertTriangle, IconPlayerPlay, IconPlayerStop, IconRefresh } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { objectOf } from '../graph/json.ts'
import { Problem } from '../look/Problem.tsx'
import { mayAs } from '../project/may.ts'
import type { Choices } from './choices.ts'
import {
  CancelIterationDocument,
  IterationDocument,
  RunIterationStepDocument,
} from './iteration.generated.ts'
import type { Round, Step } from './IterationPage.tsx'
import { LabelSettings, LabelWork } from './LabelStep.tsx'
import { emptyDraft, madeFirst, type Draft, type Parameters } from './made-first.ts'
import { MergeSettings } from './MergeStep.tsx'
import { MinedImages } from './MinedImages.tsx'
import { MineSettings } from './MineStep.tsx'
import { PrepareSettings } from './PrepareStep.tsx'
import { JobBar } from '../job/JobBar.tsx'
import { TrainSettings, TrainWork } from './TrainStep.tsx'

/** What is to be chosen for a run of a step. */
export interface Settings {
  readonly round: Round
  readonly step: Step
  readonly choices: Choices
  /** Of the step, as the graph pre-fills them, with what was changed here. */
  readonly parameters: Parameters
  /** Changes what the run gets. */
  readonly onChange: (change: Parameters) => void
  /** What is made before the step runs. */
  readonly draft: Draft
  readonly onDraft: (change: Partial<Draft>) => void
}

const settingsOf = {
  PREPARE: PrepareSettings,
  MINE: MineSettings,
  LABEL: LabelSettings,
  MERGE: MergeSettings,
  TRAIN: TrainSettings,
} as const

interface PanelProps {
  readonly round: Round
  readonly step: Step
  /** Undefined while they are being read. */
  readonly choices: Choices | undefined
  /** Whether the round waits for this step. */
  readonly isDue: boolean
}

/** A step of a round: what it runs with, how it goes, what came out, what to do. */
export function StepPanel({ round, step, choices, isDue }: PanelProps) {
  const { t } = useTranslation('iteration')
  const isRunning = step.state === 'RUNNING'
  return (
    <Paper withBorder p="lg" component="section" aria-labelledby="step">
      <Stack>
        <Stack gap={2}>
          <Title order={2} size="h4" id="step">
            {t(`step.${step.name}`)}
          </Title>
          <Text size="sm" c="dimmed" maw={680}>
            {t(`stepAdvice.${step.name}`)}
          </Text>
        </Stack>
        {step.problem && <Failure step={step} />}
        {isRunning && <Running round={round} step={step} />}
        <Outcome round={round} step={step} isDue={isDue} />
        {!isRunning && mayAs('EDITOR', round.project) && choices && (
          <RunStep round={round} step={step} choices={choices} isDue={isDue} />
        )}
        {!choices && <Skeleton h={160} aria-label={t('loading')} />}
      </Stack>
    </Paper>
  )
}

function Failure({ step }: { readonly step: Step }) {
  const { t } = useTranslation('iteration')
  return (
    <Alert
      role="alert"
      color={step.state === 'FAILED' ? 'red' : 'orange'}
      icon={<IconAlertTriangle aria-hidden />}
      title={t(`stateName.${step.state}`)}
    >
      {step.problem}
    </Alert>
  )
}

/** How a step goes, live, and the way to stop it. */
function Running({ round, step }: { readonly round: Round; readonly step: Step }) {
  const { t } = useTranslation('iteration')
  const [cancel, { loading, error }] = useMutation(CancelIterationDocument, {
    variables: { input: { iterationId: round.id } },
    refetchQueries: [IterationDocument],
  })
  return (
    <>
      {step.miningTask && <JobBar id={step.miningTask.jobId} />}
      {step.labellingTask && <LabelWork task={step.labellingTask} />}
      {step.model && <TrainWork model={step.model} />}
      {mayAs('EDITOR', round.project) && (
        <Group>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlayerStop size={16} aria-hidden />}
            loading={loading}
            onClick={() => void cancel().catch(() => undefined)} // `error` tells
          >
            {t('stop')}
          </Button>
        </Group>
      )}
      <Problem error={error} />
    </>
  )
}

/** What a step left; what was mined is looked at before it is labelled. */
function Outcome({
  round,
  step,
  isDue,
}: {
  readonly round: Round
  readonly step: Step
  readonly isDue: boolean
}) {
  const mine = round.steps.find(({ name }) => name === 'MINE')
  const isShowingMined = step.name === 'MINE' || (step.name === 'LABEL' && isDue && step.state === 'WAITING')
  if (isShowingMined && mine?.state === 'SUCCEEDED' && mine.miningTask && mine.version)
    return <MinedImages taskId={mine.miningTask.id} versionId={mine.version.id} />
  if (step.state !== 'SUCCEEDED') return null
  if (step.name === 'LABEL' && step.labellingTask) return <LabelWork task={step.labellingTask} />
  if (step.name === 'TRAIN' && step.model) return <TrainWork model={step.model} />
  return null
}

/** Settings of a step, and the button that runs it. */
function RunStep({ round, step, choices, isDue }: PanelProps & { readonly choices: Choices }) {
  const { t } = useTranslation('iteration')
  const [changes, setChanges] = useState<Parameters>({})
  const [draft, setDraft] = useState(emptyDraft)
  const [isOpen, setOpen] = useState(isDue)
  const { run, running, error } = useRun(round, step)
  const Settings = settingsOf[step.name]
  const obstacle = round.steps.find(({ state }) => state === 'RUNNING')
  const before = round.steps.slice(0, round.steps.indexOf(step))
  const canRun = !obstacle && before.every(({ state }) => state === 'SUCCEEDED')
  if (!isDue && !isOpen)
    return (
      <Group>
        <Button
          variant="default"
          leftSection={<IconRefresh size={18} aria-hidden />}
          disabled={!canRun}
          onClick={() => setOpen(true)}
        >
          {step.state === 'WAITING' ? t('notYet') : t('runAgainDifferently')}
        </Button>
      </Group>
    )
  return (
    <>
      <Settings
        round={round}
        step={step}
        choices={choices}
        parameters={{ ...objectOf(step.parameters), ...changes }}
        onChange={(change) => setChanges({ ...changes, ...change })}
        draft={draft}
        onDraft={(change) => setDraft({ ...draft, ...change })}
      />
      <Problem error={error} />
      <Group>
        <Button
          size="md"
          variant={isDue ? 'filled' : 'default'}
          leftSection={<IconPlayerPlay size={18} aria-hidden />}
          disabled={!canRun}
          loading={running}
          onClick={() => void run(changes, draft)}
        >
          {isDue ? t(`run.${step.name}`) : t('runAgain')}
        </Button>
        {!isDue && (
          <Text size="sm" c="dimmed">
            {t('laterStepsWait')}
          </Text>
        )}
      </Group>
    </>
  )
}

/** Runs a step, with what must be made for it first. */
function useRun(round: Round, step: Step) {
  const client = useApolloClient()
  const [mutate] = useMutation(RunIterationStepDocument, { refetchQueries: [IterationDocument] })
  const [running, setRunning] = useState(false)
  const [error, setError] = useState<unknown>()
  const run = async (changes: Parameters, draft: Draft) => {
    setRunning(true)
    setError(undefined)
    try {
      const filled = { ...objectOf(step.parameters), ...changes }
      const made = await madeFirst(step.name, { client, round, parameters: filled, draft })
      const parameters = { ...changes, ...made }
      await mutate({ variables: { input: { iterationId: round.id, step: step.name, parameters } } })
    } catch (refusal) {
      setError(refusal)
    } finally {
      setRunning(false)
    }
  }
  return { run, running, error }
}
