import { Button, Group, Paper, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import { IconArrowRight } from '@tabler/icons-react'
import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useParams, useSearchParams } from 'react-router'
import { Problem } from '../look/Problem.tsx'
import { isOver, PlanPanel, usePlans } from '../plan/PlanPanel.tsx'
import { mayAs } from '../project/may.ts'
import { useChoices } from './choices.ts'
import { RoundIntervalsDocument, RoundsDocument, type RoundsQuery } from './iteration.generated.ts'
import { nextOf } from './next.ts'
import { Preparation } from './Preparation.tsx'
import { RoundsTable } from './RoundsTable.tsx'
import { withWords } from '../words/words.ts'

const RoundsChart = lazy(
  withWords(['iteration'], async () => ({ default: (await import('./RoundsChart.tsx')).RoundsChart })),
)

/** The rounds of a project: what they brought, and the next one. */
export function IterationsTab() {
  const { t } = useTranslation('iteration')
  const { projectId = '' } = useParams()
  const [params] = useSearchParams()
  const { data, error, refetch } = useQuery(RoundsDocument, { variables: { projectId } })
  const { choices, error: choicesError } = useChoices(projectId)
  const intervals = useIntervals(projectId)
  const plans = usePlans(projectId)
  const project = data?.project
  if (error && !project) return <Problem error={error} retry={() => void refetch()} />
  if (!project) return <TabSkeleton />
  const { iterations, rounds } = project
  const last = iterations.at(-1)
  const isPlanned = plans?.plans.some((plan) => !plan.branchOf && !isOver(plan)) ?? false
  const mayPrepare = !isPlanned && mayAs('EDITOR', project)
  const isUnderWay = last !== undefined && (last.state === 'RUNNING' || last.state === 'WAITING')
  return (
    <Stack gap="lg">
      {plans && <PlanPanel project={plans} labellers={choices?.labellers ?? []} />}
      {isUnderWay && <UnderWay projectId={projectId} iteration={last} />}
      {!isUnderWay && choices && mayPrepare && (
        <Preparation
          key={last?.id}
          projectId={projectId}
          choices={choices}
          iterations={iterations}
          modelId={params.get('model') ?? undefined}
        />
      )}
      {!isUnderWay && !choices && mayPrepare && (
        <>
          <Problem error={choicesError} />
          <Skeleton h={280} aria-label={t('loading')} />
        </>
      )}
      {iterations.length === 0 && !mayAs('EDITOR', project) && (
        <Text c="dimmed">{t('noRoundsForViewers')}</Text>
      )}
      {rounds.length > 1 && (
        <Suspense fallback={<Skeleton h={280} aria-label={t('loading')} />}>
          <RoundsChart rounds={rounds} intervals={intervals} />
        </Suspense>
      )}
      {iterations.length > 0 && <RoundsTable project={project} intervals={intervals} />}
    </Stack>
  )
}

type Iteration = NonNullable<RoundsQuery['project']>['iterations'][number]

/** The round that is not over yet, and the way to it. */
function UnderWay({ projectId, iteration }: { readonly projectId: string; readonly iteration: Iteration }) {
  const { t } = useTranslation('iteration')
  const next = nextOf(iteration.steps)
  return (
    <Paper withBorder p="lg" component="section" aria-labelledby="under-way">
      <Group justify="space-between">
        <Stack gap={2}>
          <Title order={2} size="h4" id="under-way">
            {t('roundUnderWay', { round: iteration.round })}
          </Title>
          {next.action !== 'nextRound' && (
            <Text size="sm" c="dimmed">
              {t(`nextAdvice.${next.action}`, { step: t(`step.${next.step}`) })}
            </Text>
          )}
        </Stack>
        <Button
          component={Link}
          to={`/projects/${projectId}/iterations/${iteration.id}`}
          size="md"
          rightSection={<IconArrowRight size={18} aria-hidden />}
        >
          {t('goOnWithRound', { round: iteration.round })}
        </Button>
      </Group>
    </Paper>
  )
}

export interface Interval {
  /** 0 to 1. */
  readonly low: number
  readonly high: number
  readonly confidence: number
}

/** The interval of each model's mAP, by model id; they come later than the rounds, or not at all. */
function useIntervals(projectId: string): ReadonlyMap<string, Interval> {
  const { data } = useQuery(RoundIntervalsDocument, { variables: { projectId } })
  const found = (data?.project?.rounds ?? []).flatMap(({ model }): [string, Interval][] => {
    const evaluation = model.evaluations.find(({ state, interval }) => state === 'SUCCEEDED' && interval)
    return evaluation?.interval ? [[model.id, evaluation.interval]] : []
  })
  return new Map(found)
}

function TabSkeleton() {
  const { t } = useTranslation('iteration')
  return (
    <Stack aria-busy aria-label={t('loading')}>
      <Skeleton h={120} />
      <Skeleton h={280} />
    </Stack>
  )
}
