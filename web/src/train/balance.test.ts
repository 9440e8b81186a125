import { expect, test } from 'vitest'
import { imbalanceOf, labelShares } from './balance.ts'

const shares = (counts: Record<string, number>, classes = Object.keys(counts)) =>
  labelShares(
    classes,
    Object.entries(counts).map(([label, annotationCount]) => ({ label, annotationCount })),
  )

test('classes stand by how frequent they are, with their share', () => {
  expect(shares({ rare: 1, usual: 3 })).toEqual([
    { label: 'usual', count: 3, share: 0.75 },
    { label: 'rare', count: 1, share: 0.25 },
  ])
})

test('labels that are not learnt do not count', () => {
  expect(shares({ a: 1, other: 99 }, ['a'])).toEqual([{ label: 'a', count: 1, share: 1 }])
})

test('ten to one is balanced, more is not', () => {
  expect(imbalanceOf(shares({ a: 10, b: 1 }))).toBeUndefined()
  expect(imbalanceOf(shares({ a: 11, b: 1 }))).toEqual({ most: 'a', least: 'b', ratio: 11 })
})

test('a class without any annotation is as unbalanced as can be', () => {
  expect(imbalanceOf(shares({ a: 5 }, ['a', 'b']))?.ratio).toBe(Infinity)
})

test('a set without annotations is not called unbalanced', () => {
  expect(imbalanceOf(shares({}, ['a', 'b']))).toBeUndefined()
})
