import { expect, test } from 'vitest'
import { hasGained, toBeat, type Measured, type RecordedRound } from './record.ts'

const measured = (evaluationId: string): Measured => ({ evaluationId, testVersionId: 'test', interval: null })

/** A round with the lower end of its gain; undefined: nothing to compare with. */
const aRound = (round: number, low?: number): RecordedRound => ({
  round,
  record: {
    start: measured(`start of ${round}`),
    measured: measured(`round ${round}`),
    gain: low === undefined ? null : { low, high: low + 0.1, confidence: 0.95, overRound: 0 },
  },
})

test('the first round must beat the model at the start', () => {
  const start = measured('start')
  expect(toBeat([], { round: 3, start })).toEqual({ ...start, round: 2 })
  expect(toBeat([], { round: 1, start: null })).toBeUndefined()
})

test('a round must beat the last that gained, so that small gains add up', () => {
  const own = { round: 4, start: measured('round 3') }
  expect(toBeat([aRound(1, 0.1), aRound(2, 0.01), aRound(3, -0.01)], own)).toMatchObject({
    ...{ round: 2, evaluationId: 'round 2' },
  })
  expect(toBeat([aRound(2, -0.1), aRound(3, 0)], own)).toMatchObject({
    ...{ round: 1, evaluationId: 'start of 2' },
  })
})

test('a round that nothing is known to compare with is what later ones must beat', () => {
  expect(hasGained({ gain: null })).toBe(true)
  expect(toBeat([aRound(1)], { round: 2, start: null })).toMatchObject({ round: 1, evaluationId: 'round 1' })
})
