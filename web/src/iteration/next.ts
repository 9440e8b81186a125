import type { IterationStepName, StepState } from '../graph/schema.generated.ts'

/** The steps of a round, in their order. */
export const stepNames = ['PREPARE', 'MINE', 'LABEL', 'MERGE', 'TRAIN'] as const satisfies IterationStepName[]

interface StepOfRound {
  readonly name: IterationStepName
  readonly state: StepState
  readonly labellingTask?: { readonly automaticLabeller: unknown; readonly vendor: unknown } | null
}

/** The one thing that a round waits for. */
export type Next =
  /** A person runs the step, with what they choose. */
  | { readonly action: 'run'; readonly step: IterationStepName }
  /** It failed or was stopped: look why, and run it again. */
  | { readonly action: 'runAgain'; readonly step: IterationStepName }
  /** A machine, or a vendor, is at work. */
  | { readonly action: 'wait'; readonly step: IterationStepName }
  /** People label. */
  | { readonly action: 'label'; readonly step: 'LABEL' }
  /** The round is over. */
  | { readonly action: 'nextRound' }

/** What to do next in a round. @param steps in their order */
export function nextOf(steps: readonly StepOfRound[]): Next {
  const open = steps.find(({ state }) => state !== 'SUCCEEDED')
  if (!open) return { action: 'nextRound' }
  if (open.state === 'FAILED' || open.state === 'CANCELLED') return { action: 'runAgain', step: open.name }
  if (open.state === 'WAITING') return { action: 'run', step: open.name }
  const task = open.name === 'LABEL' && open.labellingTask
  const isForPeople = task && !task.automaticLabeller && !task.vendor
  return isForPeople ? { action: 'label', step: 'LABEL' } : { action: 'wait', step: open.name }
}
