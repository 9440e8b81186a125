import { expect, test } from 'vitest'
import type { StepState } from '../graph/schema.generated.ts'
import { nextOf, stepNames } from './next.ts'

const steps = (...states: StepState[]) =>
  stepNames.map((name, index) => ({ name, state: states[index] ?? ('WAITING' as const) }))

test('the first step that waits is run', () => {
  expect(nextOf(steps())).toEqual({ action: 'run', step: 'PREPARE' })
  expect(nextOf(steps('SUCCEEDED', 'SUCCEEDED'))).toEqual({ action: 'run', step: 'LABEL' })
})

test('a step that failed or was stopped is run again', () => {
  expect(nextOf(steps('SUCCEEDED', 'FAILED'))).toEqual({ action: 'runAgain', step: 'MINE' })
  expect(nextOf(steps('CANCELLED'))).toEqual({ action: 'runAgain', step: 'PREPARE' })
})

test('people are waited for in the labelling tool, machines and vendors are not', () => {
  const labelled = (labellingTask: { automaticLabeller: object | null; vendor: object | null } | null) =>
    steps('SUCCEEDED', 'SUCCEEDED', 'RUNNING').map((step) =>
      step.name === 'LABEL' ? { ...step, labellingTask } : step,
    )
  expect(nextOf(labelled({ automaticLabeller: null, vendor: null }))).toEqual({
    action: 'label',
    step: 'LABEL',
  })
  expect(nextOf(labelled({ automaticLabeller: {}, vendor: null }))).toEqual({ action: 'wait', step: 'LABEL' })
  expect(nextOf(labelled({ automaticLabeller: null, vendor: {} }))).toEqual({ action: 'wait', step: 'LABEL' })
  expect(nextOf(labelled(null))).toEqual({ action: 'wait', step: 'LABEL' }) // the task is being made
})

test('after the last step comes the next round', () => {
  expect(nextOf(stepNames.map((name) => ({ name, state: 'SUCCEEDED' })))).toEqual({ action: 'nextRound' })
})
