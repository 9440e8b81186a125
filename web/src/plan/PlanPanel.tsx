import { useMutation, useQuery } from '@apollo/client/react'
import { Badge, Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
import {
  IconGitBranch,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerSkipForward,
} from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { PlanState } from '../graph/schema.generated.ts'
import { settingOf, type LabellerChoice } from '../iteration/labeller.ts'
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
import { tellCause } from './cause.ts'
import { ChangePlanDialog } from './ChangePlanDialog.tsx'
import { fieldsOfPlan } from './fields.ts'
import { PlansCompared } from './PlansCompared.tsx'
import { StartPlanDialog, type Begun } from './StartPlanDialog.tsx'

export type Plan = NonNullable<PlansQuery['project']>['plans'][number]

const colours = {
  RUNNING: 'blue',
  WAITING: 'yellow',
  PAUSED: 'gray',
  STOPPED: 'teal',
  FAILED: 'red',
  CANCELLED: 'orange',
} as const satisfies Record<PlanState, string>

/** Whether a person may have it go on; one that its rule has stopped goes on when it has another rule. */
const mayGoOn = {
  RUNNING: false,
  WAITING: true,
  PAUSED: true,
  STOPPED: true,
  FAILED: true,
  CANCELLED: false,
} as const satisfies Record<PlanState, boolean>

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
  readonly labellers: readonly LabellerChoice[]
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
            project={project}
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
  project,
  labellers,
  mayEdit,
}: {
  readonly plan: Plan
  readonly project: NonNullable<ReturnType<typeof usePlans>>
  readonly labellers: readonly LabellerChoice[]
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
        <Cause plan={plan} />
        <Text size="sm" c="dimmed">
          {t('roundsSoFar', { count: ended, rounds: number(Math.max(0, ended)) })}
          {underWay && !isOver(plan) && ` · ${t('roundUnderWay', { round: underWay.round })}`}
        </Text>
      </Stack>
      {mayEdit && <Controls plan={plan} project={project} labellers={labellers} />}
    </Group>
  )
}

/** Why it waits, paused, stopped or failed. */
function Cause({ plan }: { readonly plan: Plan }) {
  const { t } = useTranslation(['plan', 'iteration'])
  const { words, text } = tellCause(plan, t, useFormats())
  return (
    <>
      {words && <Text size="sm">{words}</Text>}
      {text && (
        <Text size="sm" lang="en">
          {text}
        </Text>
      )}
    </>
  )
}

function Controls({
  plan,
  project,
  labellers,
}: {
  readonly plan: Plan
  readonly project: NonNullable<ReturnType<typeof usePlans>>
  readonly labellers: readonly LabellerChoice[]
}) {
  const { t } = useTranslation('plan')
  const { id, name, state } = plan
  const { classes } = project
  const [pause, pausing] = useMutation(PausePlanDocument)
  const [goOn, goingOn] = useMutation(ContinuePlanDocument)
  const [cancel] = useMutation(CancelPlanDocument)
  const [asked, setAsked] = useState<'CANCEL' | 'BRANCH' | 'CHANGE'>()
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
        {mayGoOn[state] && (
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
        {state !== 'CANCELLED' && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPencil size={14} aria-hidden />}
            onClick={() => setAsked('CHANGE')}
          >
            {t('change')}
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
      {asked === 'CHANGE' && (
        <ChangePlanDialog
          plan={plan}
          labellers={labellers}
          classes={classes}
          close={() => setAsked(undefined)}
        />
      )}
      {asked === 'BRANCH' && (
        <StartPlanDialog
          begun={begunBranch(project.id, plan)}
          branchOf={{ id, name }}
          labellers={labellers}
          classes={classes}
          close={() => setAsked(undefined)}
        />
      )}
    </Stack>
  )
}

/** A branch begins with the settings of its plan, until others are chosen. */
function begunBranch(projectId: string, plan: Plan): Begun {
  const { choice, topK, who } = fieldsOfPlan(plan)
  return { projectId, ...choice, topK: Number(topK), ...settingOf(who) }
}
