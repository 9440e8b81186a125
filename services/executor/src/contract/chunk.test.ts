import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { isInChunk } from './chunk.ts'

const assets = Array.from({ length: 3_000 }, (_, index) =>
  createHash('sha256').update(`${index}`).digest('hex'),
)
const chunk = (seed: number, number: number) =>
  assets.filter((id) => isInChunk(id, { seed, count: 3, number }))

test('each asset lies in one chunk, and the chunks are of about one size', () => {
  const chunks = [0, 1, 2].map((number) => chunk(7, number))
  expect(chunks.flat().toSorted()).toEqual(assets.toSorted())
  for (const { length } of chunks) expect(Math.abs(length - 1_000)).toBeLessThan(120)
})

test('the same seed deals the same, another one differently', () => {
  expect(chunk(7, 1)).toEqual(chunk(7, 1))
  expect(chunk(8, 1)).not.toEqual(chunk(7, 1))
})
