import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Fingerprint,
  duplicateLimits,
  hammingDistance,
  limitsFor,
  repeatsOf,
  withoutDuplicates,
} from './duplicates.ts'

const none = { high: 0, low: 0 }

test('hashes differ in the bits that are set in one of them', () => {
  expect(hammingDistance({ high: 0xffff_ffff, low: 0xffff_ffff }, none)).toBe(64)
  expect(hammingDistance({ high: 0x8000_0000, low: 3 }, none)).toBe(3)
})

test('by looks and by embedding: the first stays', async () => {
  const { kept, duplicates } = await withoutDuplicates([
    { assetId: 'a', perceptualHash: none },
    { assetId: 'b', perceptualHash: { high: 0, low: 7 } },
    { assetId: 'c', embedding: Float32Array.of(2, 0) },
    { assetId: 'd', embedding: Float32Array.of(5, 0) },
    { assetId: 'zeros', embedding: Float32Array.of(0, 0) },
  ])
  expect(kept.map(({ assetId }) => assetId)).toEqual(['a', 'c', 'zeros'])
  expect(duplicates).toEqual([
    { assetId: 'b', of: 'a', by: 'PERCEPTUAL' },
    { assetId: 'd', of: 'c', by: 'EMBEDDING' },
  ])
})

test('a model that sees all images alike makes no duplicates of them', async () => {
  const seen = (...angles: number[]) =>
    angles.map((angle, index) => ({
      assetId: `${index}`,
      embedding: Float32Array.of(Math.cos(angle), Math.sin(angle)),
    }))
  const weak = seen(0, 0.01, 0.02, 0.03) // cosine distances below 0.0005
  expect((await withoutDuplicates(weak)).kept).toHaveLength(1)
  expect((await withoutDuplicates(weak, limitsFor(weak, duplicateLimits))).kept).toHaveLength(4)
  const strong = seen(0, 0.001, 1, 2)
  expect(limitsFor(strong, duplicateLimits)).toEqual(duplicateLimits)
  expect(limitsFor([{ assetId: 'a' }], duplicateLimits)).toEqual(duplicateLimits)
})

test('what repeats what is given, also by its bytes', async () => {
  const given = [{ assetId: 'd' }, { assetId: 'e', embedding: Float32Array.of(1, 0) }]
  const batch = [{ assetId: 'd' }, { assetId: 'c', embedding: Float32Array.of(2, 0) }, { assetId: 'f' }]
  expect(await repeatsOf(given, batch)).toEqual([
    { assetId: 'd', of: 'd', by: 'IDENTICAL' },
    { assetId: 'c', of: 'e', by: 'EMBEDDING' },
  ])
})

test('of those kept no two are alike, and each that went is like one kept', async () => {
  const hash = fc.record({
    high: fc.constantFrom(0, 0xff, 0xffff),
    low: fc.constantFrom(0, 0xff, 0xffff_ffff),
  })
  const batches = fc
    .array(hash, { maxLength: 25 })
    .map((hashes) => hashes.map((perceptualHash, index) => ({ assetId: `${index}`, perceptualHash })))
  const isAlike = (a: Required<Pick<Fingerprint, 'perceptualHash'>>, b: typeof a) =>
    hammingDistance(a.perceptualHash, b.perceptualHash) <= duplicateLimits.hashBits
  await fc.assert(
    fc.asyncProperty(batches, async (batch) => {
      const { kept, duplicates } = await withoutDuplicates(batch)
      expect(kept.length + duplicates.length).toBe(batch.length)
      for (const [index, one] of kept.entries())
        expect(kept.slice(index + 1).some((other) => isAlike(one, other))).toBe(false)
      for (const { assetId, of } of duplicates)
        expect(
          isAlike(
            batch[Number(assetId)]!,
            kept.find((one) => one.assetId === of)!,
          ),
        ).toBe(true)
    }),
  )
})
