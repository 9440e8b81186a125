import { expect, test } from 'vitest'
import { type Advance, AdvanceMeter, progressOf } from './advance.ts'

const detected = { kind: 'detected', format: 'VOC', imageCount: 100, imageBytes: 5_000 } as const
const progress = (images: number) => ({ kind: 'progress', images, bytes: images * 50 }) as const
const shares = (advances: readonly Advance[], isFetched = false) =>
  advances.map((advance) => progressOf(advance, { isFetched }))

test('an import that goes on behind its last batch does not tell less than was told before the crash', () => {
  const before = new AdvanceMeter()
  before.heard(detected)
  const told = before.heard(progress(60))
  const meter = new AdvanceMeter(told)
  const after = [meter.heard(detected), ...[48, 56, 64].map((images) => meter.heard(progress(images)))]
  expect(shares(after)).toEqual([0.6, 0.6, 0.6, 0.64])
  expect(after.map(({ doneBytes }) => doneBytes)).toEqual([3_000, 3_000, 3_000, 3_200])
})

test('what is fetched first counts as half, and importing goes on from there', () => {
  const meter = new AdvanceMeter()
  const advances = [
    ...[300, 1_000].map((bytes) => meter.fetched(bytes, 1_000)),
    meter.heard(detected),
    meter.heard(progress(50)),
    meter.completing(),
  ]
  expect(shares(advances, true)).toEqual([0.15, 0.5, 0.5, 0.75, 1])
})
