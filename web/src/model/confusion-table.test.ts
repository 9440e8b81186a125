import { expect, test } from 'vitest'
import { confusionTable } from './confusion-table.ts'

const table = confusionTable(
  ['cat', 'dog'],
  [
    { groundTruth: 'cat', predicted: 'cat', count: 3 },
    { groundTruth: 'cat', predicted: null, count: 1 },
    { groundTruth: null, predicted: 'dog', count: 2 },
  ],
)

test('background is the last row and column', () => {
  expect(table.sides).toEqual(['cat', 'dog', null])
})

test('cells that were not told are 0', () => {
  expect(table.count('dog', 'cat')).toBe(0)
  expect(table.share('dog', 'cat')).toBe(0)
})

test('a share is that of the objects of its row', () => {
  expect(table.share('cat', 'cat')).toBe(0.75)
  expect(table.share('cat', null)).toBe(0.25)
  expect(table.share(null, 'dog')).toBe(1)
})
