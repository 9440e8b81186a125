import { expect, test } from 'vitest'
import { meanOf, meanPrecision } from './precision.ts'

test('the mean curve lies in the middle of two', () => {
  const recallPoints = [0, 1]
  const mean = meanPrecision([
    { recallPoints, precisionAtRecall: [1, 0.5] },
    { recallPoints, precisionAtRecall: [0.5, 0] },
  ])
  expect(mean).toEqual([
    { x: 0, y: 0.75 },
    { x: 1, y: 0.25 },
  ])
})

test('of no classes there is no curve', () => {
  expect(meanPrecision([])).toEqual([])
})

test('the mean height of a curve is its average precision', () => {
  expect(
    meanOf([
      { x: 0, y: 1 },
      { x: 1, y: 0.5 },
    ]),
  ).toBe(0.75)
  expect(meanOf([])).toBeUndefined()
})
