import type { StepName, StepView } from '../iteration/step.ts'

/**
 * RUNNING: its rounds go on by themselves. WAITING: at a gate, for a person. PAUSED: no further step begins.
 * STOPPED: by its rule. FAILED: a step did. Only a CANCELLED plan cannot go on.
 */
export const planStates = ['RUNNING', 'WAITING', 'PAUSED', 'STOPPED', 'FAILED', 'CANCELLED'] as const
export type PlanState = (typeof planStates)[number]

/** What brought a plan into its state. Of REFUSED: beginning what comes next met an error that would come again. */
export type PlanCause =
  | 'TARGET_REACHED'
  | 'NO_GAIN'
  | 'ROUNDS_SPENT'
  | 'IMAGES_SPENT'
  | 'POOL_EMPTY'
  | 'ROUNDS_DONE'
  | 'GATE'
  | 'STEP_FAILED'
  | 'STEP_CANCELLED'
  | 'REFUSED'
  | 'PAUSED_BY_PERSON'
  | 'CANCELLED_BY_PERSON'

/** Why a plan is in its state: for programs, and in English words. */
export interface Why {
  readonly cause: PlanCause
  readonly text: string
}

const next: Readonly<Record<PlanState, readonly PlanState[]>> = {
  RUNNING: ['WAITING', 'PAUSED', 'STOPPED', 'FAILED', 'CANCELLED'],
  WAITING: ['RUNNING', 'PAUSED', 'FAILED', 'CANCELLED'],
  PAUSED: ['RUNNING', 'CANCELLED'],
  STOPPED: ['RUNNING'], // with another rule, or for some rounds more
  FAILED: ['RUNNING', 'CANCELLED'],
  CANCELLED: [],
}

export function mayBecome(from: PlanState, to: PlanState): boolean {
  return next[from].includes(to)
}

/** Whether it stands in the way of other rounds of its line. */
export function isOver(state: PlanState): boolean {
  return state === 'STOPPED' || state === 'CANCELLED'
}

/** States in which a plan may move on by itself; FAILED when its step is tried again. */
export const movingStates = ['RUNNING', 'WAITING', 'FAILED'] as const satisfies PlanState[]

export function mayMove(state: PlanState): boolean {
  return movingStates.some((one) => one === state)
}

/** What a plan does next in its newest round. */
export type Move =
  | { readonly kind: 'AWAIT_STEP' | 'ROUND_ENDED' }
  | { readonly kind: 'RUN' | 'AWAIT_PERSON'; readonly step: StepName }
  | { readonly kind: 'GIVE_UP'; readonly step: StepName; readonly state: 'FAILED' | 'CANCELLED' }

/**
 * What to do next; what has happened so far is in the steps, so the order in which it was heard does not matter.
 * @param steps of the newest round, PREPARE first
 * @param gates steps before which a person is waited for
 */
export function nextMove(steps: readonly StepView[], gates: readonly StepName[]): Move {
  if (steps.some(({ state }) => state === 'RUNNING')) return { kind: 'AWAIT_STEP' }
  const open = steps.find(({ state }) => state !== 'SUCCEEDED')
  if (!open) return { kind: 'ROUND_ENDED' }
  const { name: step, state } = open
  if (state === 'FAILED' || state === 'CANCELLED') return { kind: 'GIVE_UP', step, state }
  return { kind: gates.includes(step) ? 'AWAIT_PERSON' : 'RUN', step }
}
