import { expect, test } from 'vitest'
import { nextStep, obstacleTo, stateOfRound, stepNames, type StepState } from './step.ts'

/** Steps with these states, PREPARE first; the rest WAITING. */
const aRound = (...states: StepState[]) =>
  stepNames.map((name, index) => ({ name, state: states[index] ?? 'WAITING' }))

test('a step runs when all before it succeeded', () => {
  expect(obstacleTo(aRound(), 'PREPARE')).toBeUndefined()
  expect(obstacleTo(aRound('SUCCEEDED'), 'MINE')).toBeUndefined()
  expect(obstacleTo(aRound('SUCCEEDED'), 'LABEL')).toBe('step MINE comes first: it is WAITING')
  expect(obstacleTo(aRound('SUCCEEDED', 'FAILED'), 'LABEL')).toBe('step MINE comes first: it is FAILED')
})

test('a step that ended may run again, but not while another runs', () => {
  expect(obstacleTo(aRound('SUCCEEDED', 'FAILED'), 'MINE')).toBeUndefined()
  expect(obstacleTo(aRound('SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED'), 'MINE')).toBeUndefined()
  expect(obstacleTo(aRound('SUCCEEDED', 'SUCCEEDED', 'RUNNING'), 'MINE')).toContain('step LABEL is running')
})

test('a round ends with its last step', () => {
  expect(stateOfRound(aRound())).toBe('WAITING')
  expect(stateOfRound(aRound('SUCCEEDED', 'RUNNING'))).toBe('RUNNING')
  expect(stateOfRound(aRound('SUCCEEDED', 'FAILED'))).toBe('FAILED')
  expect(stateOfRound(aRound('SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED'))).toBe(
    'SUCCEEDED',
  )
  expect(nextStep('TRAIN')).toBeUndefined()
})
