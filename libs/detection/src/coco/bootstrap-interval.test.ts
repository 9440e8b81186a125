import { describe, expect, test } from 'vitest'
import { seededRandom } from '../seeded-random.ts'
import { bootstrapGain, bootstrapInterval } from './bootstrap-interval.ts'
import { evaluateCoco } from './evaluation.ts'
import { cocoFixture } from './fixtures/read-fixtures.ts'
import type { Detection, GroundTruthBox } from './input.ts'

const box = { x: 10, y: 10, width: 40, height: 40 }
const options = { seed: 5, resamples: 400 }

/** Test sets of one box an image, of which a detector finds each with the given chance and nothing else. */
function aTestSet({ imageCount, findsShare }: { imageCount: number; findsShare: number }) {
  const random = seededRandom(imageCount)
  const images = Array.from({ length: imageCount }, (_, i) => i)
  const groundTruth: GroundTruthBox[] = images.map((imageId) => ({ imageId, label: 'brick', box }))
  const detections: Detection[] = groundTruth
    .filter(() => random() < findsShare)
    .map((truth) => ({ ...truth, score: 0.9 }))
  return { images, labels: ['brick'], groundTruth, detections }
}

describe('the interval of AP50', () => {
  test('holds the AP50 of the whole set, and repeats with its seed', () => {
    const { input } = cocoFixture()
    const interval = bootstrapInterval(input, { seed: 1 })!
    const { AP50 } = evaluateCoco(input).summary
    expect(interval.low).toBeLessThan(AP50!)
    expect(interval.high).toBeGreaterThan(AP50!)
    expect(interval.confidence).toBe(0.95)
    expect(bootstrapInterval(input, { seed: 1 })).toEqual(interval)
    expect(bootstrapInterval(input, { seed: 2 })).not.toEqual(interval)
  })

  test('is what an evaluation gives that was asked for it', () => {
    const { input } = cocoFixture()
    expect(evaluateCoco(input, { interval: { seed: 1 } }).ap50Interval).toEqual(
      bootstrapInterval(input, { seed: 1 }),
    )
    expect(evaluateCoco(input).ap50Interval).toBeNull()
  })

  test('has the width of a binomial share, where AP50 is one', () => {
    const { low, high } = bootstrapInterval(aTestSet({ imageCount: 400, findsShare: 0.5 }), options)!
    const width = 2 * 1.96 * Math.sqrt((0.5 * 0.5) / 400) // normal approximation: 0.098
    expect(high - low).toBeGreaterThan(width * 0.8)
    expect(high - low).toBeLessThan(width * 1.2)
  })

  test('is a point when every image is alike', () => {
    const interval = bootstrapInterval(aTestSet({ imageCount: 30, findsShare: 1 }), options)
    expect(interval).toMatchObject({ low: 1, high: 1 })
  })

  test('grows with the confidence', () => {
    const testSet = aTestSet({ imageCount: 100, findsShare: 0.5 })
    const narrow = bootstrapInterval(testSet, { ...options, confidence: 0.5 })!
    const wide = bootstrapInterval(testSet, { ...options, confidence: 0.99 })!
    expect(wide.high - wide.low).toBeGreaterThan(narrow.high - narrow.low)
  })

  test('does not exist without ground truth', () => {
    expect(
      bootstrapInterval({ ...aTestSet({ imageCount: 9, findsShare: 1 }), groundTruth: [] }, options),
    ).toBeNull()
    expect(bootstrapInterval({ images: [], labels: [], groundTruth: [], detections: [] }, options)).toBeNull()
  })

  test('is refused for options that make no sense', () => {
    const testSet = aTestSet({ imageCount: 9, findsShare: 1 })
    expect(() => bootstrapInterval(testSet, { seed: 1, resamples: 0 })).toThrow('resamples 0')
    expect(() => bootstrapInterval(testSet, { seed: 1, confidence: 1 })).toThrow('confidence 1')
  })
})

describe('the interval of a gain', () => {
  test('is nothing between equal detections', () => {
    const { detections, ...testSet } = aTestSet({ imageCount: 100, findsShare: 0.5 })
    const gain = bootstrapGain(testSet, { before: detections, after: detections }, options)
    expect(gain).toMatchObject({ low: 0, high: 0 })
  })

  test('lies above 0 for a small steady gain, though the two separate intervals overlap', () => {
    const { detections: after, ...testSet } = aTestSet({ imageCount: 200, findsShare: 0.5 })
    const before = after.filter((_, index) => index % 10 !== 0)
    const was = bootstrapInterval({ ...testSet, detections: before }, options)!
    const is = bootstrapInterval({ ...testSet, detections: after }, options)!
    expect(is.low).toBeLessThan(was.high)
    expect(bootstrapGain(testSet, { before, after }, options)!.low).toBeGreaterThan(0)
  })
})
