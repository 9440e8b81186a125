/** One round's steps, in their order. */
export const stepNames = ['PREPARE', 'MINE', 'LABEL', 'MERGE', 'TRAIN'] as const
export type StepName = (typeof stepNames)[number]
export type StepState = 'WAITING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED'

/** What a step needs to know of the steps before it. */
export interface StepView {
  readonly name: StepName
  readonly state: StepState
}

/** The step after this one; undefined after the last. */
export function nextStep(name: StepName): StepName | undefined {
  return stepNames[stepNames.indexOf(name) + 1]
}

export function stepsBefore<Step extends StepView>(steps: readonly Step[], name: StepName): Step[] {
  return steps.filter((step) => stepNames.indexOf(step.name) < stepNames.indexOf(name))
}

export function stepsAfter<Step extends StepView>(steps: readonly Step[], name: StepName): Step[] {
  return steps.filter((step) => stepNames.indexOf(step.name) > stepNames.indexOf(name))
}

/**
 * Why a step cannot run now, in words; undefined when it can. A step that ended may run again: it and the steps after it
 * begin anew.
 */
export function obstacleTo(steps: readonly StepView[], name: StepName): string | undefined {
  const running = steps.find(({ state }) => state === 'RUNNING')
  if (running) return `step ${running.name} is running: wait for it, or cancel the iteration`
  const missing = stepsBefore(steps, name).find(({ state }) => state !== 'SUCCEEDED')
  if (missing) return `step ${missing.name} comes first: it is ${missing.state}`
  return undefined
}

/** A round as a whole: what stands in its way, else how far it is. */
export function stateOfRound(steps: readonly StepView[]): StepState {
  for (const state of ['RUNNING', 'FAILED', 'CANCELLED'] as const)
    if (steps.some((step) => step.state === state)) return state
  return steps.every(({ state }) => state === 'SUCCEEDED') ? 'SUCCEEDED' : 'WAITING'
}
