import { expect, test } from 'vitest'
import type { Knowledge } from '../strategy/strategies.ts'
import { imageRule } from '../strategy/uncertainty.ts'
import { rankingBy, type WeightedStrategy } from './ranking.ts'
import type { ToldAsset } from './told-asset.ts'

const at = (x: number) => ({ x, y: 0, width: 10, height: 10 })
const found = (p: number, x = 0) => ({ box: at(x), probabilities: [p, 0] })
const knowledge: Knowledge = {
  ...{ seed: 1, imageRule, labelledPerClass: [], difficulties: [], labelled: [] },
}
const told = (assetId: string, more: Partial<ToldAsset> = {}): ToldAsset => ({
  ...{ assetId, head: 'SOFTMAX', boxes: [], views: [] },
  ...more,
})
const ranking = (
  strategy: WeightedStrategy['strategy'] | WeightedStrategy[],
  pool: readonly ToldAsset[],
  rule = imageRule,
) =>
  rankingBy(
    typeof strategy === 'string' ? [{ strategy, weight: 1 }] : strategy,
    {
      scores: () => pool.map(({ assetId }, index) => ({ assetId, score: index })),
      details: () => pool,
      isExcluded: (assetId) => assetId === 'excluded',
    },
    { ...knowledge, imageRule: rule },
  )
const nothing: ReadonlySet<string> = new Set()
const idsOf = (ranked: readonly { assetId: string }[]) => ranked.map(({ assetId }) => assetId)

test('the most doubtful come first, without the excluded ones', async () => {
  const pool = [
    told('sure', { boxes: [found(0.99)] }),
    told('half', { boxes: [found(0.5)] }),
    told('excluded', { boxes: [found(0.5)] }),
    told('most', { boxes: [found(0.8), found(0.9)] }),
    told('nothing'),
  ]
  const byEntropy = ranking('BINARY_ENTROPY', pool)
  const first = await byEntropy.first(2, nothing)
  expect(idsOf(first)).toEqual(['half', 'most'])
  expect(first[0]).toMatchObject({ scoreRank: 1, strategy: 'BINARY_ENTROPY' })
  expect(first[0]?.score).toBeCloseTo(Math.LN2)
  expect(await byEntropy.first(2, new Set(['half']))).toMatchObject([
    { assetId: 'most', scoreRank: 2 },
    { assetId: 'sure', scoreRank: 3 },
  ])
})

test('images score by themselves, and a random draw needs nothing of them', async () => {
  const pool = ['a', 'b', 'c', 'excluded'].map((assetId) => told(assetId))
  expect(await ranking('ENTROPY', pool).first(2, nothing)).toMatchObject([
    { assetId: 'c', score: 2 },
    { assetId: 'b', score: 1 },
  ])
  const drawn = await ranking('RANDOM', pool).first(9, nothing)
  expect(idsOf(drawn).toSorted()).toEqual(['a', 'b', 'c'])
  expect(await ranking('RANDOM', pool.toReversed()).first(9, nothing)).toEqual(drawn)
})

test('which boxes count, and what an image without any is worth, is for the platform to say', async () => {
  const pool = [
    told('one doubt', { boxes: [found(0.4), found(0.99), found(0.99)] }),
    told('two doubts', { boxes: [found(0.4), found(0.4), found(0.99)] }),
    told('nothing'),
  ]
  const rule = { aggregation: { by: 'TOP_MEAN', count: 2 }, withoutDetections: 0.2 } as const
  const first = await ranking('ENTROPY', pool, rule).first(3, nothing)
  expect(idsOf(first)).toEqual(['two doubts', 'nothing', 'one doubt'])
  const entropy = (p: number) => -p * Math.log(p)
  const scores = [entropy(0.4), 0.2, (entropy(0.4) + entropy(0.99)) / 2]
  for (const [place, score] of scores.entries()) expect(first[place]?.score).toBeCloseTo(score)
})

test('what changes with the view comes first by disagreement of views', async () => {
  const views = (x: number) => [{ name: 'flip', boxes: [found(0.9, x)] }]
  const pool = [
    told('same', { boxes: [found(0.9)], views: views(0) }),
    told('moved', { boxes: [found(0.9)], views: views(5) }),
    told('elsewhere', { boxes: [found(0.9)], views: views(50) }),
  ]
  const first = await ranking('VIEW_DISAGREEMENT', pool).first(2, nothing)
  expect(idsOf(first)).toEqual(['elsewhere', 'moved'])
  expect(first[1]?.score).toBeCloseTo(1 - 1 / 3)
})

test('what contradicts itself from cell to cell comes first by local divergence', async () => {
  const withMap = (assetId: string, values: number[]) =>
    told(assetId, { heatMaps: [{ columns: 2, rows: 1, values }] })
  const pool = [withMap('agrees', [0.5, 0.5]), withMap('contradicts', [0, 1]), withMap('nearly', [0.4, 0.6])]
  const first = await ranking('LOCAL_DIVERGENCE', pool).first(2, nothing)
  expect(idsOf(first)).toEqual(['contradicts', 'nearly'])
  expect(first[0]?.score).toBeCloseTo(Math.LN2) // H(1/2) - (H(0) + H(1)) / 2
})

test('images far apart are picked by core-set, and others when one is left out', async () => {
  const farApart = ranking(
    'CORE_SET',
    [0, 1, 2, 9, 10].map((place) => told(`at ${place}`, { embedding: [place, 0] })),
  )
  expect(await farApart.first(2, nothing)).toMatchObject([
    { assetId: 'at 10', score: 1, scoreRank: 1 },
    { assetId: 'at 0', score: 0.5, scoreRank: 2, facts: { nearestDistance: 10 } },
  ])
  expect(idsOf(await farApart.first(2, new Set(['at 10'])))).toEqual(['at 9', 'at 0'])
})

test('a hybrid ranks by the product of ranks and names what decided', async () => {
  const views = (x: number) => [{ name: 'flip', boxes: [found(0.5, x)] }]
  const pool = [
    told('both', { boxes: [found(0.5)], views: views(50) }),
    told('doubtful', { boxes: [found(0.6)], views: views(0) }),
    told('neither', { boxes: [found(0.99)], views: views(0) }),
  ]
  const terms: WeightedStrategy[] = [
    { strategy: 'BINARY_ENTROPY', weight: 1 },
    { strategy: 'VIEW_DISAGREEMENT', weight: 0.5 },
  ]
  const ranked = await ranking(terms, pool).first(3, nothing)
  expect(idsOf(ranked)).toEqual(['both', 'doubtful', 'neither'])
  expect(ranked[0]).toMatchObject({ score: 1, strategy: 'BINARY_ENTROPY' })
  const withPicks = ranking([...terms, { strategy: 'CORE_SET', weight: 1 }], [])
  await expect(withPicks.first(1, nothing)).rejects.toThrow('CORE_SET chooses a whole batch')
})

test('an image that tells too little is refused in words', async () => {
  const pool = [told('a', { embedding: [1] }), told('b')]
  await expect(ranking('TYPICLUST', pool).first(1, nothing)).rejects.toThrow(
    'tells of image b no embedding, by which TYPICLUST chooses: choose RANDOM, ENTROPY',
  )
  await expect(ranking('CALD_OF_IMAGES', pool).first(1, nothing)).rejects.toThrow('of image a no views')
})
