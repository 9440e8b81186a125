import { expect, test } from 'vitest'
import { imagesForNext, reasonToStop, type EndedRound } from './stop-rule.ts'

const gainFrom = (low: number) => ({ gain: { low, high: low + 0.1, confidence: 0.95, overRound: 0 } })

const aRound = (changes: Partial<EndedRound> = {}): EndedRound => ({
  ...{ map50: 0.5, imageCount: 20, poolCount: 100, record: gainFrom(0.01) },
  ...changes,
})
const better = aRound()
const notBetter = aRound({ record: gainFrom(-0.01) })

test('a plan stops when the target is reached, not before', () => {
  const rule = { targetMap50: 0.9 }
  expect(reasonToStop(rule, [aRound({ map50: 0.8999 })])).toBeUndefined()
  expect(reasonToStop(rule, [aRound({ map50: null })])).toBeUndefined()
  expect(reasonToStop(rule, [aRound({ map50: 0.912 })])).toEqual({
    cause: 'TARGET_REACHED',
    text: 'target reached: mAP 91.2 %, wanted 90.0 %',
  })
})

test('only rounds in a row without a gain beyond the noise stop a plan', () => {
  const rule = { roundsWithoutGain: 2 }
  expect(reasonToStop(rule, [notBetter])).toBeUndefined()
  expect(reasonToStop(rule, [notBetter, better, notBetter])).toBeUndefined()
  expect(reasonToStop(rule, [better, notBetter, notBetter])).toEqual({
    cause: 'NO_GAIN',
    text: 'no gain over 2 rounds beyond the noise of the test set',
  })
})

test('a gain whose interval touches 0 is none, and a round that nothing is known to compare with counts as one', () => {
  const rule = { roundsWithoutGain: 1 }
  expect(reasonToStop(rule, [aRound({ record: gainFrom(0) })])?.text).toContain('no gain over 1 round ')
  expect(reasonToStop(rule, [aRound({ record: { gain: null } })])).toBeUndefined()
})

test('a plan spends its budget of rounds and images to the last image, and not more', () => {
  expect(reasonToStop({ maxRounds: 2 }, [better])).toBeUndefined()
  expect(reasonToStop({ maxRounds: 2 }, [better, better])).toEqual({
    cause: 'ROUNDS_SPENT',
    text: 'budget spent: 2 of 2 rounds',
  })
  const rule = { maxImages: 50 }
  expect(reasonToStop(rule, [better, better])).toBeUndefined()
  expect(imagesForNext(rule, [], 20)).toBe(20)
  expect(imagesForNext(rule, [better, better], 20)).toBe(10)
  expect(reasonToStop(rule, [better, better, aRound({ imageCount: 10 })])).toEqual({
    cause: 'IMAGES_SPENT',
    text: 'budget spent: 50 of 50 images',
  })
})

test('an empty pool stops a plan, and the first rule that holds gives the reason', () => {
  expect(reasonToStop({}, [aRound({ poolCount: 0 })])).toEqual({
    cause: 'POOL_EMPTY',
    text: 'nothing is left to mine: the pool is empty',
  })
  const all = { targetMap50: 0.5, roundsWithoutGain: 1, maxRounds: 1, maxImages: 1 }
  expect(reasonToStop(all, [notBetter])).toMatchObject({ cause: 'TARGET_REACHED' })
  expect(reasonToStop(all, [])).toBeUndefined()
})
