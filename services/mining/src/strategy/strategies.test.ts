import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AssetDetails } from './asset-details.ts'
import { factsOf, type Knowledge, missingFor, strategies, strategyNames } from './strategies.ts'
import { imageRule } from './uncertainty.ts'

const knowledge: Knowledge = {
  ...{ seed: 3, imageRule, labelledPerClass: [5, 0, 1], difficulties: [0.1, 0.9, 0.5], labelled: [] },
}
const probability = fc.double({ min: 0, max: 1, noNaN: true })
const side = fc.double({ min: 0, max: 100, noNaN: true })
const boxes = fc.array(
  fc.record({
    box: fc.record({ x: side, y: side, width: side, height: side }),
    probabilities: fc.array(probability, { minLength: 3, maxLength: 3 }),
  }),
  { maxLength: 4 },
)
const pools = fc
  .array(fc.record({ detections: boxes, seen: boxes, embedding: fc.tuple(side, side, side) }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((all) =>
    all.map(({ detections, seen, embedding }, index): AssetDetails => ({
      ...{ assetId: `asset ${index}`, probabilityKind: 'SOFTMAX', detections },
      views: [{ transform: 'flip', detections: seen }],
      embedding: Float32Array.from(embedding),
      heatMaps: [{ columns: 3, rows: 1, values: Float32Array.from(embedding, (value) => value / 100) }],
    })),
  )

test.each(strategyNames)(
  '%s: finite scores, or picks within the count, none twice, whatever the order',
  (name) => {
    const strategy = strategies[name]
    fc.assert(
      fc.property(pools, fc.integer({ min: 1, max: 15 }), (pool, count) => {
        if (strategy.order === 'HIGHEST_FIRST') {
          for (const asset of pool) expect(strategy.score(asset, knowledge)).toSatisfy(Number.isFinite)
          return
        }
        const picked = strategy.pick(pool, count, knowledge).map(({ assetId }) => assetId)
        expect(picked.length).toBe(Math.min(count, pool.length))
        expect(new Set(picked).size).toBe(picked.length)
        const reversed = strategy.pick(pool.toReversed(), count, knowledge)
        expect(reversed.map(({ assetId }) => assetId)).toEqual(picked)
      }),
      { numRuns: 50 },
    )
  },
)

const box = { x: 0, y: 0, width: 2, height: 2 }
const asset: AssetDetails = {
  ...{ assetId: 'a', probabilityKind: 'SOFTMAX' },
  detections: [
    { box, probabilities: [0.9, 0.05, 0.05] },
    { box, probabilities: [0.2, 0.5, 0.3] },
  ],
}

test('the box that counted most is the reason, by its likeliest class', () => {
  expect(factsOf('ENTROPY', asset, knowledge)).toEqual({ classIndex: 1, probability: 0.5 })
  expect(factsOf('MARGIN', asset, knowledge)).toEqual({
    ...{ classIndex: 1, probability: 0.5, secondClassIndex: 2, secondProbability: 0.3 },
  })
  expect(factsOf('CLASS_BALANCE', asset, knowledge)).toEqual({
    ...{ classIndex: 1, probability: 0.5, labelledBoxes: 0 },
  })
  expect(factsOf('CORE_SET', asset, knowledge)).toEqual({})
  expect(factsOf('ENTROPY', { ...asset, detections: [] }, knowledge)).toEqual({})
})

test('core-set tells how far a pick lies from what is labelled or picked, TypiClust whom it stands for', () => {
  const at = (x: number) => ({ ...asset, assetId: `at ${x}`, embedding: Float32Array.of(x) })
  const pick = (name: 'CORE_SET' | 'TYPICLUST', pool: AssetDetails[], labelled: Knowledge['labelled']) => {
    const strategy = strategies[name]
    return strategy.order === 'PICKS' ? strategy.pick(pool, 2, { ...knowledge, labelled }) : []
  }
  expect(
    pick('CORE_SET', [at(0), at(4), at(9)], [{ assetId: 'known', embedding: Float32Array.of(0) }]),
  ).toEqual([
    { assetId: 'at 9', facts: { nearestDistance: 9 } },
    { assetId: 'at 4', facts: { nearestDistance: 4 } },
  ])
  const groups = pick('TYPICLUST', [0, 1, 2, 50, 51].map(at), [])
  expect(groups.map(({ facts }) => facts?.clusterSize)).toEqual([3, 2])
})

test('a strategy says what the image did not give', () => {
  expect(missingFor('BADGE', asset)).toEqual(['EMBEDDINGS'])
  expect(missingFor('CALD', asset)).toEqual(['VIEWS'])
  expect(missingFor('RANDOM', asset)).toEqual([])
})
