import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chooseHighest } from './choose.ts'

const scoredAssets = fc.uniqueArray(
  fc.record({
    assetId: fc.string({ minLength: 4, maxLength: 4 }),
    score: fc.integer({ min: 0, max: 5 }),
  }),
  { selector: ({ assetId }) => assetId, maxLength: 60 },
)

test('the chosen are the first of all by score, whatever order they came in', async () => {
  await fc.assert(
    fc.asyncProperty(scoredAssets, fc.integer({ min: 1, max: 20 }), async (assets, topK) => {
      const sorted = assets.toSorted((a, b) => b.score - a.score || (a.assetId < b.assetId ? -1 : 1))

      expect(await chooseHighest(assets, topK, () => false)).toEqual(sorted.slice(0, topK))
    }),
  )
})

test('an excluded asset makes room for the next', async () => {
  const assets = [
    { assetId: 'a', score: 3 },
    { assetId: 'b', score: 2 },
    { assetId: 'c', score: 1 },
  ]

  const chosen = await chooseHighest(assets, 2, (assetId) => assetId === 'a')

  expect(chosen.map(({ assetId }) => assetId)).toEqual(['b', 'c'])
})
