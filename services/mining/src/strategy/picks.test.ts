import { seededRandom } from '@ymir/detection'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { badge } from './badge.ts'
import { cald } from './cald.ts'
import { coreSet } from './core-set.ts'
import { nearestNeighbours } from './neighbours.ts'
import { ppal } from './ppal.ts'
import { typiClust } from './typiclust.ts'
import { vectorsIn, vectorsOf } from './vectors.ts'

const numbers = (...values: number[]) => vectorsIn(Float32Array.from(values), 1)
const random = seededRandom(3)
const assets = Array.from({ length: 30 }, (_, index) => {
  const p = random()
  return {
    assetId: `asset ${index}`,
    probabilityKind: 'SOFTMAX' as const,
    detections: [{ box: { x: 0, y: 0, width: 2, height: 2 }, probabilities: [p, 1 - p] }],
    embedding: Float32Array.of(random(), random(), random()),
  }
})
const pickers = {
  cald: (pool: typeof assets) => cald(pool, 8, [3, 1]),
  badge: (pool: typeof assets) => badge(pool, 8, seededRandom(5)),
  typiClust: (pool: typeof assets) => typiClust(pool, 8, 5),
  ppal: (pool: typeof assets) => ppal(pool, 8, [0.5, 0.2]),
}

test.each(Object.entries(pickers))('%s picks the same, whatever the order, and nothing twice', (_, pick) => {
  const picked = pick(assets)
  expect(new Set(picked).size).toBe(8)
  expect(pick(assets.toReversed())).toEqual(picked)
})

test('core-set by hand on a line: the end, the other end, the middle', () => {
  expect(coreSet(numbers(0, 1, 5, 10), 3)).toEqual([3, 0, 2])
  expect(coreSet(numbers(0, 1, 5, 10), 1, numbers(10))).toEqual([0])
})

test('core-set picks as plain arithmetic does', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 500 }), { minLength: 5, maxLength: 30 }),
      (values) => {
        const [first = 0, ...rest] = values
        const picked: number[] = []
        for (let round = 0; round < 4; round++) {
          const distance = (value: number) =>
            Math.min(...[first, ...picked].map((centre) => (value - centre) ** 2))
          picked.push(rest.reduce((best, value) => (distance(value) > distance(best) ? value : best)))
        }
        expect(coreSet(numbers(...rest), 4, numbers(first)).map((row) => rest[row])).toEqual(picked)
      },
    ),
  )
})

test('nearest neighbours by hand, without oneself', () => {
  const set = numbers(0, 1, 3, 10)
  const found = nearestNeighbours(set, set, 2, true)
  expect([...found.rows]).toEqual([1, 2, 0, 2, 1, 0, 2, 1])
  expect([...found.squaredDistances.subarray(0, 2)]).toEqual([1, 9])
  expect(() => vectorsOf([new Float32Array(1), new Float32Array(2)])).toThrow('embedding 1 has 2 dimensions')
})

test('TypiClust takes the most typical of each group', () => {
  const embedded = [0, 1, 2, 50, 51, 52].map((x) => ({ assetId: `at ${x}`, embedding: Float32Array.of(x) }))
  expect(typiClust(embedded, 2, 1).toSorted()).toEqual(['at 1', 'at 51'])
})
