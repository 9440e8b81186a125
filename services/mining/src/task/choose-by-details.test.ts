import { expect, test } from 'vitest'
import { chooseByDetails, isByDetails, type ToldAsset, type Wanted } from './choose-by-details.ts'

const at = (x: number) => ({ x, y: 0, width: 10, height: 10 })
const found = (p: number, x = 0) => ({ box: at(x), probabilities: [p, 0] })
const wanted: Wanted = { topK: 2, seed: 1, aggregate: 'MAX', isExcluded: (assetId) => assetId === 'excluded' }
const told = (assetId: string, more: Partial<ToldAsset> = {}): ToldAsset => ({
  ...{ assetId, head: 'SOFTMAX', boxes: [], views: [] },
  ...more,
})

test('the most doubtful are chosen, without the excluded ones', async () => {
  const pool = [
    told('sure', { boxes: [found(0.99)] }),
    told('half', { boxes: [found(0.5)] }),
    told('excluded', { boxes: [found(0.5)] }),
    told('most', { boxes: [found(0.8), found(0.9)] }),
    told('nothing'),
  ]
  const chosen = await chooseByDetails('BINARY_ENTROPY', pool, wanted)
  expect(chosen.map(({ assetId }) => assetId)).toEqual(['half', 'most'])
  expect(chosen[0]?.score).toBeCloseTo(Math.LN2)
})

test('what changes with the view is chosen by disagreement of views', async () => {
  const views = (x: number) => [{ name: 'flip', boxes: [found(0.9, x)] }]
  const pool = [
    told('same', { boxes: [found(0.9)], views: views(0) }),
    told('moved', { boxes: [found(0.9)], views: views(5) }),
    told('elsewhere', { boxes: [found(0.9)], views: views(50) }),
  ]
  const chosen = await chooseByDetails('VIEW_DISAGREEMENT', pool, wanted)
  expect(chosen.map(({ assetId }) => assetId)).toEqual(['elsewhere', 'moved'])
  expect(chosen[1]?.score).toBeCloseTo(1 - 1 / 3)
})

test('images far apart are chosen by core-set, the first with score 1', async () => {
  const pool = [0, 1, 2, 9, 10].map((place) => told(`at ${place}`, { embedding: [place, 0] }))
  expect(await chooseByDetails('CORE_SET', pool, wanted)).toEqual([
    { assetId: 'at 10', score: 1 },
    { assetId: 'at 0', score: 0.5 },
  ])
})

test('an image that tells too little is refused in words', async () => {
  const pool = [told('a', { embedding: [1] }), told('b')]
  await expect(chooseByDetails('TYPICLUST', pool, wanted)).rejects.toThrow(
    'tells of image b no embedding, by which TYPICLUST chooses: choose RANDOM, ENTROPY',
  )
  await expect(chooseByDetails('CALD_OF_IMAGES', pool, wanted)).rejects.toThrow('of image a no views')
})

test('the image’s own strategies are not chosen by details', () => {
  expect(['ENTROPY', 'RANDOM', 'BADGE'].map(isByDetails)).toEqual([false, false, true])
})
