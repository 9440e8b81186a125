import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Annotation } from '../annotation/annotation.ts'
import { addFingerprint, emptyFingerprint, fingerprintOfEntry, rootOf } from './fingerprint.ts'
import {
  addStatistics,
  noStatistics,
  statisticsOfEntry,
  subtractStatistics,
  summarise,
} from './statistics.ts'

const annotation = fc
  .record({ label: fc.constantFrom('a', 'b', '__proto__'), width: fc.integer({ min: 1, max: 3000 }) })
  .map(({ label, width }): Annotation => ({
    label,
    box: { x: 0, y: 0, width, height: width },
    difficult: false,
    truncated: false,
    crowd: false,
  }))
const entry = fc
  .record({ width: fc.integer({ min: 1, max: 9000 }), annotations: fc.array(annotation, { maxLength: 5 }) })
  .map(({ width, annotations }) => statisticsOfEntry({ width, height: width }, summarise(annotations)))

test('what was added and taken away again leaves no trace', () => {
  fc.assert(
    fc.property(fc.array(entry), fc.array(entry), (kept, passing) => {
      const before = kept.reduce(addStatistics, noStatistics)
      const after = passing.reduce(subtractStatistics, passing.reduce(addStatistics, before))
      expect(after).toEqual(before)
    }),
  )
})

test('every asset lies in one bin, every box in one, and a label is counted once an asset', () => {
  const box = { x: 0, y: 0, width: 32, height: 32 }
  const plain = { box, difficult: false, truncated: false, crowd: false }
  const counts = statisticsOfEntry(
    { width: 640, height: 480 },
    summarise([
      { ...plain, label: 'a' },
      { ...plain, label: 'a' },
      { ...plain, label: 'b', box: { ...box, height: 8 } },
    ]),
  )
  expect(counts).toMatchObject({ assetCount: 1, annotationCount: 3, negativeCount: 0 })
  expect(counts.labels).toEqual({
    a: { annotationCount: 2, assetCount: 1 },
    b: { annotationCount: 1, assetCount: 1 },
  })
  expect(counts.boxSides).toEqual([0, 0, 1, 2, 0, 0, 0, 0, 0, 0]) // 16 x 16 and twice 32 x 32
  expect(counts.imageSides).toEqual([0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
})

test('the root depends on the entries, not on their order or on what was there in between', () => {
  const entries = [1, 2, 3].map((n) => fingerprintOfEntry(Buffer.alloc(32, n), Buffer.alloc(32, 9)))
  const rootAfter = (...steps: readonly (readonly [number, 1 | -1])[]) => {
    const sum = emptyFingerprint()
    for (const [index, sign] of steps) addFingerprint(sum, entries[index]!, sign)
    return rootOf(sum, 2)
  }
  expect(rootAfter([0, 1], [1, 1])).toBe(rootAfter([2, 1], [1, 1], [0, 1], [2, -1]))
  expect(rootAfter([0, 1], [1, 1])).not.toBe(rootAfter([0, 1], [2, 1]))
})

test('an image and its annotations cannot be mistaken for another pair', () => {
  const [a, b] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
  expect(fingerprintOfEntry(a, b)).not.toEqual(fingerprintOfEntry(b, a))
})
