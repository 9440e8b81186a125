import { useMutation, useQuery } from '@apollo/client/react'
import { Badge, Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { IconGitBranch, IconPlayerPause, IconPlayerPlay, IconPlayerSkipForward } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { PlanState } from '../graph/schema.generated.ts'
import { objectOf } from '../iteration/start.ts'
import { Confirm } from '../look/Confirm.tsx'
import { useFormats } from '../look/formats.ts'
import { Problem } from '../look/Problem.tsx'
import { mayAs } from '../project/may.ts'
import {
  CancelPlanDocument,
  ContinuePlanDocument,
  PausePlanDocument,
  PlansDocument,
  type PlansQuery,
} from './plan.generated.ts'
import { PlansCompared } from './PlansCompared.tsx'
import { StartPlanDialog } from './StartPlanDialog.tsx'

export type Plan = NonNullable<PlansQuery['project']>['plans'][number]

const colours = {
  RUNNING: 'blue',
  WAITING: 'yellow',
  PAUSED: 'gray',
  STOPPED: 'teal',
  FAILED: 'red',
  CANCELLED: 'orange',
} as const satisfies Record<PlanState, string>

/** Whether its line has no further rounds of it to come, unless someone continues it. */
export function isOver({ state }: Pick<Plan, 'state'>): boolean {
  return state === 'STOPPED' || state === 'CANCELLED'
}

export function usePlans(projectId: string) {
  const { data } = useQuery(PlansDocument, { variables: { projectId } })
  return data?.project ?? undefined
}

/** The plans of a project: those that go on, and the newest that ended. */
export function PlanPanel({
  project,
  labellers,
}: {
  readonly project: NonNullable<ReturnType<typeof usePlans>>
  readonly labellers: readonly { readonly id: string; readonly name: string }[]
}) {
  const { t } = useTranslation('plan')
  const { plans } = project
  if (!plans.length) return null
  const shown = plans.filter((plan, index) => index < 3 || !isOver(plan))
  return (
    <Paper withBorder p="lg" component="section" aria-labelledby="plans">
      <Stack>
        <Title order={2} size="h4" id="plans">
          {t('plans')}
        </Title>
        {shown.map((plan) => (
          <PlanRow
            key={plan.id}
            plan={plan}
            projectId={project.id}
            labellers={labellers}
            mayEdit={mayAs('EDITOR', project)}
          />
        ))}
        {plans.some(({ branchOf }) => branchOf) && <PlansCompared plans={shown} />}
      </Stack>
    </Paper>
  )
}

function PlanRow({
  plan,
  projectId,
  labellers,
  mayEdit,
}: {
  readonly plan: Plan
  readonly projectId: string
  readonly labellers: readonly { readonly id: string; readonly name: string }[]
  readonly mayEdit: boolean
}) {
  const { t } = useTranslation('plan')
  const { number } = useFormats()
  const underWay = plan.iterations.find(({ state }) => state !== 'SUCCEEDED')
  const ended = plan.rounds.length - 1
  return (
    <Group justify="space-between" align="flex-start" data-plan={plan.state}>
      <Stack gap={2}>
        <Group gap="xs">
          <Text fw={600}>{plan.name}</Text>
          <Badge variant="light" color={colours[plan.state]} tt="none" fw={600}>
            {t(`state.${plan.state}`)}
          </Badge>
          {plan.branchOf && (
            <Badge variant="outline" color="gray" tt="none">
              {t('isBranch')}
            </Badge>
          )}
        </Group>
        {plan.reason && <Text size="sm">{plan.reason}</Text>}
        <Text size="sm" c="dimmed">
          {t('roundsSoFar', { count: ended, rounds: number(Math.max(0, ended)) })}
          {underWay && !isOver(plan) && ` · ${t('roundUnderWay', { round: underWay.round })}`}
        </Text>
      </Stack>
      {mayEdit && <Controls plan={plan} projectId={projectId} labellers={labellers} />}
    </Group>
  )
}

function Controls({
  plan: { id, name, state, strategy, topK, settings },
  projectId,
  labellers,
}: {
  readonly plan: Plan
  readonly projectId: string
  readonly labellers: readonly { readonly id: string; readonly name: string }[]
}) {
  const { t } = useTranslation('plan')
  const [pause, pausing] = useMutation(PausePlanDocument)
  const [goOn, goingOn] = useMutation(ContinuePlanDocument)
  const [cancel] = useMutation(CancelPlanDocument)
  const [asked, setAsked] = useState<'CANCEL' | 'BRANCH'>()
  const input = { planId: id }
  // what the graph refuses is shown below
  const continueFor = (rounds?: number) =>
    void goOn({ variables: { input: { ...input, rounds } }, refetchQueries: 'active' }).catch(() => undefined)
  return (
    <Stack gap="xs" align="flex-end">
      <Group gap="xs">
        {(state === 'RUNNING' || state === 'WAITING') && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlayerPause size={14} aria-hidden />}
            loading={pausing.loading}
            onClick={() => void pause({ variables: { input } }).catch(() => undefined)}
          >
            {t('pause')}
          </Button>
        )}
        {(state === 'WAITING' || state === 'PAUSED' || state === 'FAILED') && (
          <Button
            size="xs"
            leftSection={<IconPlayerPlay size={14} aria-hidden />}
            loading={goingOn.loading}
            onClick={() => continueFor()}
          >
            {t('continue')}
          </Button>
        )}
        {state === 'PAUSED' && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlayerSkipForward size={14} aria-hidden />}
            onClick={() => continueFor(1)}
          >
            {t('oneRound')}
          </Button>
        )}
        <Button
          size="xs"
          variant="default"
          leftSection={<IconGitBranch size={14} aria-hidden />}
          onClick={() => setAsked('BRANCH')}
        >
          {t('branch')}
        </Button>
        {!isOver({ state }) && (
          <Button size="xs" variant="subtle" color="red" onClick={() => setAsked('CANCEL')}>
            {t('cancelPlan')}
          </Button>
        )}
      </Group>
      <Problem error={pausing.error ?? goingOn.error} />
      {asked === 'CANCEL' && (
        <Confirm
          question={t('cancelQuestion', { name })}
          consequence={t('cancelConsequence')}
          action={t('cancelPlan')}
          onConfirm={() => cancel({ variables: { input }, refetchQueries: 'active' })}
          onClose={() => setAsked(undefined)}
        />
      )}
      {asked === 'BRANCH' && (
        <StartPlanDialog
          begun={{ projectId, strategy, topK, automaticLabellerId: labellerOf(settings) }}
          branchOf={{ id, name }}
          labellers={labellers}
          close={() => setAsked(undefined)}
        />
      )}
    </Stack>
  )
}

function labellerOf(settings: unknown): string | undefined {
  const { automaticLabellerId } = objectOf(settings)
  return typeof automaticLabellerId === 'string' ? automaticLabellerId : undefined
}
