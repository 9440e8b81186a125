import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PerceptualHash } from '../strategy/duplicates.ts'
import { chooseBatch, type Known, type Wanted } from './batch.ts'
import type { Ranked, Ranking } from './ranking.ts'

const wanted: Wanted = {
  ...{ budget: { images: 2 }, minShare: [], duplicates: { hashBits: 4, cosineDistance: 0.001 } },
}
const rankingOf = (assetIds: readonly string[], order: Ranking['order'] = 'HIGHEST_FIRST'): Ranking => {
  const ranked = assetIds.map((assetId, index): Ranked => ({
    assetId,
    score: -index,
    scoreRank: index + 1,
    strategy: 'ENTROPY',
  }))
  return {
    order,
    first: (count, leftOut) =>
      Promise.resolve(ranked.filter(({ assetId }) => !leftOut.has(assetId)).slice(0, count)),
  }
}
/** Assets of one letter look alike: a1 and a2, not a1 and b1. */
const looks = (assetId: string): PerceptualHash => ({
  high: 0,
  low: 0xff << (8 * (assetId.charCodeAt(0) - 97)),
})
const known = (more: Partial<Known> = {}): Known => ({
  labelsOf: () => Promise.resolve(new Map()),
  fingerprintsOf: (ids) =>
    Promise.resolve(new Map(ids.map((assetId) => [assetId, { assetId, perceptualHash: looks(assetId) }]))),
  given: () => Promise.resolve([]),
  ...more,
})
const idsOf = (all: readonly { assetId: string }[]) => all.map(({ assetId }) => assetId)

test.each(['HIGHEST_FIRST', 'PICKS'] as const)('%s: the next take the place of duplicates', async (order) => {
  const batch = await chooseBatch(rankingOf(['a1', 'a2', 'a3', 'b1', 'c1'], order), wanted, known())
  expect(idsOf(batch.chosen)).toEqual(['a1', 'b1'])
  expect(batch.duplicates).toEqual([
    { assetId: 'a2', of: 'a1', by: 'PERCEPTUAL' },
    { assetId: 'a3', of: 'a1', by: 'PERCEPTUAL' },
  ])
  expect(batch.chosen[1]?.scoreRank).toBe(4)
})

test('a long run of images that are alike does not make the batch smaller', async () => {
  const frames = Array.from({ length: 300 }, (_, index) => `a${index}`)
  const { fingerprintsOf } = known()
  const asked = new Set<string>()
  let questions = 0
  const asking = (ids: readonly string[]) => {
    if (ids.some((assetId) => !asked.has(assetId))) questions++
    for (const assetId of ids) asked.add(assetId)
    return fingerprintsOf(ids)
  }
  const batch = await chooseBatch(rankingOf([...frames, 'b1']), wanted, known({ fingerprintsOf: asking }))
  expect(idsOf(batch.chosen)).toEqual(['a0', 'b1'])
  expect(batch.duplicates).toHaveLength(299)
  expect(questions).toBeLessThan(12) // twice as many each time
})

test('what repeats a labelled image, or one that was mined before, is left out', async () => {
  const given = [{ assetId: 'a9', perceptualHash: looks('a9') }]
  const batch = await chooseBatch(
    rankingOf(['a1', 'b1', 'c1']),
    wanted,
    known({ given: () => Promise.resolve(given) }),
  )
  expect(idsOf(batch.chosen)).toEqual(['b1', 'c1'])
  expect(batch.duplicates).toEqual([{ assetId: 'a1', of: 'a9', by: 'PERCEPTUAL' }])
})

test('duplicates are taken when that is asked for', async () => {
  const batch = await chooseBatch(rankingOf(['a1', 'a2', 'b1']), { ...wanted, duplicates: null }, known())
  expect(idsOf(batch.chosen)).toEqual(['a1', 'a2'])
})

test('boxes are counted and shares kept among what is not left out', async () => {
  const labels = new Map(
    Object.entries({ a1: ['brick', 'brick'], a2: ['plate'], b1: ['brick'], c1: ['plate'], d1: ['brick'] }),
  )
  const labelsOf = () => Promise.resolve(labels)
  const boxes = { ...wanted, budget: { images: 9, boxes: 3 } }
  const ranking = rankingOf(['a1', 'a2', 'b1', 'c1', 'd1'])
  expect(idsOf((await chooseBatch(ranking, boxes, known({ labelsOf }))).chosen)).toEqual(['a1', 'b1'])
  const shared = { ...wanted, minShare: [{ label: 'plate', share: 0.5 }] }
  const { chosen } = await chooseBatch(ranking, shared, known({ labelsOf }))
  expect(chosen).toMatchObject([{ assetId: 'a1' }, { assetId: 'c1', forShareOf: 'plate' }])
})

test('whatever the pool: no more than asked for, nothing twice, nothing alike, none left that would fit', async () => {
  const ids = fc.uniqueArray(
    fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(9)).map((parts) => parts.join('')),
    { maxLength: 30 },
  )
  await fc.assert(
    fc.asyncProperty(ids, fc.integer({ min: 1, max: 6 }), async (pool, images) => {
      const { chosen, duplicates } = await chooseBatch(
        rankingOf(pool),
        { ...wanted, budget: { images } },
        known(),
      )
      const letters = idsOf(chosen).map(([letter]) => letter)
      expect(new Set(letters).size).toBe(letters.length)
      expect(chosen.length).toBe(Math.min(images, new Set(pool.map(([letter]) => letter)).size))
      expect(new Set(idsOf([...chosen, ...duplicates])).size).toBe(chosen.length + duplicates.length)
    }),
  )
})
