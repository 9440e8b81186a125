import { expect, test } from 'vitest'
import type { PerceptualHash } from '../strategy/duplicates.ts'
import { withLooks } from './looks.ts'
import type { ToldAsset } from './told-asset.ts'

const scores = () => ['a', 'b', 'c'].map((assetId) => ({ assetId, score: 0 }))
const hashes = new Map<string, PerceptualHash>([
  ['a', { high: 0, low: 0b101 }],
  ['c', { high: 2 ** 31, low: 0 }],
])
const hashesOf = () => Promise.resolve(hashes)

async function all(lines: AsyncIterable<ToldAsset> | Iterable<ToldAsset>): Promise<ToldAsset[]> {
  const read: ToldAsset[] = []
  for await (const one of lines) read.push(one)
  return read
}

test('without details an image is what its perceptual hash says; one without is passed over', async () => {
  const [a, c] = await all(withLooks({ scores, details: undefined }, hashesOf)())
  expect([a?.assetId, c?.assetId]).toEqual(['a', 'c'])
  expect(a?.embedding).toHaveLength(64)
  const differing = a!.embedding!.filter((value, at) => value !== c!.embedding![at])
  expect(differing).toHaveLength(3) // one bit of c, two of a
  expect(Math.abs(a!.embedding![0]!)).toBe(1)
})

test('what the image gives goes before what the hash says', async () => {
  const one: ToldAsset = { assetId: 'a', head: 'SOFTMAX', boxes: [], views: [], embedding: [0.5] }
  const unasked = () => Promise.reject(new Error('asked'))
  expect(await all(withLooks({ scores, details: () => [one] }, unasked)())).toEqual([one])
})

test('a pool of which nothing is known is refused in words', async () => {
  const nothing = () => Promise.resolve(new Map<string, PerceptualHash>())
  await expect(all(withLooks({ scores, details: undefined }, nothing)())).rejects.toThrow(
    'mine again in some',
  )
})
