import fc from 'fast-check'
import { expect, test } from 'vitest'
import { localDivergence } from './aldd.ts'
import type { AssetDetails, DetectionDetails } from './asset-details.ts'
import { classBalance } from './balance.ts'
import { cald, caldConsistency, caldOfImages } from './cald.ts'
import { probabilityVariance, viewDisagreement } from './disagreement.ts'
import { jensenShannon } from './divergence.ts'
import { normalisedRanks, weightedProduct } from './hybrid.ts'
import { calibratedUncertainty, classWeight, matchingSimilarity } from './ppal.ts'
import { randomScore } from './random.ts'
import * as uncertainty from './uncertainty.ts'

const box = { x: 0, y: 0, width: 2, height: 2 }
const shifted = { x: 1, y: 0, width: 2, height: 2 } // IoU 1/3
const at = (place: typeof box, ...probabilities: number[]): DetectionDetails => ({
  box: place,
  probabilities,
})
const anAsset = (detections: DetectionDetails[], ...views: DetectionDetails[][]): AssetDetails => ({
  assetId: 'a',
  probabilityKind: 'SOFTMAX',
  detections,
  views: views.map((seen) => ({ transform: 'flip', detections: seen })),
})
const distribution = fc
  .array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 })
  .map((values) => values.map((value) => value / values.reduce((a, b) => a + b)))

test('uncertainty of (0.5, 0.25, 0.25), by hand', () => {
  const p = [0.5, 0.25, 0.25]
  expect(uncertainty.leastConfidence(p)).toBe(0.5)
  expect(uncertainty.margin(p)).toBe(0.75)
  expect(uncertainty.entropy(p)).toBeCloseTo(1.5 * Math.LN2, 12)
  expect(uncertainty.binaryEntropy([0.5, 0, 1])).toBeCloseTo(Math.LN2, 12)
})

test('uncertainty knows no order of classes and keeps its bounds', () => {
  fc.assert(
    fc.property(distribution, (p) => {
      for (const measure of [
        uncertainty.leastConfidence,
        uncertainty.margin,
        uncertainty.normalisedEntropy,
      ]) {
        expect(measure(p)).toBeCloseTo(measure(p.toReversed()), 12)
        expect(measure(p)).toBeGreaterThanOrEqual(0)
        expect(measure(p)).toBeLessThanOrEqual(1 + 1e-12)
      }
    }),
  )
})

test('boxes are aggregated as asked for, in any order', () => {
  const of = (aggregation: uncertainty.Aggregation) =>
    uncertainty.aggregate([1, 4, 3], { aggregation, withoutDetections: 7 })
  expect(of({ by: 'SUM' })).toBe(8)
  expect(of({ by: 'MAX' })).toBe(4)
  expect(of({ by: 'MEAN' })).toBeCloseTo(8 / 3, 12)
  expect(of({ by: 'TOP_MEAN', count: 2 })).toBe(3.5)
  expect(uncertainty.aggregate([], { aggregation: { by: 'SUM' }, withoutDetections: 7 })).toBe(7)
})

test('Jensen-Shannon is symmetric, 0 of equals, ln 2 of opposites', () => {
  expect(jensenShannon([1, 0], [0, 1])).toBeCloseTo(Math.LN2, 12)
  fc.assert(
    fc.property(distribution, distribution, (p, q) => {
      expect(jensenShannon(p, q)).toBeCloseTo(jensenShannon(q, p), 12)
      expect(jensenShannon(p, p)).toBeCloseTo(0, 12)
    }),
  )
})

test('CALD by hand: m = 1/3 + 0.8 for the same scores on a shifted box', () => {
  const asset = anAsset([at(box, 0.8, 0.2)], [at(shifted, 0.8, 0.2)])
  expect(caldConsistency(asset)).toBeCloseTo(1.3 - 1 / 3 - 0.8, 12)
  expect(caldOfImages(asset)).toBeCloseTo(1.3 - 1 / 3 - 0.8, 12)
  expect(caldConsistency(anAsset([], []))).toBe(0)
  expect(caldOfImages(anAsset([], []))).toBe(-1.3)
  expect(caldOfImages(anAsset([at(box, 1, 0)], []))).toBe(1.3)
})

test('CALD takes, of equally consistent images, the one of the class that the labelled set lacks', () => {
  const common = { ...anAsset([at(box, 0.9, 0.1)], [at(box, 0.9, 0.1)]), assetId: 'common' }
  const rare = { ...anAsset([at(box, 0.1, 0.9)], [at(box, 0.1, 0.9)]), assetId: 'rare' }
  const options = { beta: 1.3, candidates: 2 }
  expect(cald([common, rare], 1, [3, 0], options)).toEqual(['rare'])
  expect(cald([rare, common], 1, [0, 3], options)).toEqual(['common'])
})

test('disagreement by hand: a shifted box 2/3, a vanished one 1; variance (0.8, 0.4) is 0.04 a class', () => {
  expect(viewDisagreement(anAsset([at(box, 0.8, 0.2)], [at(shifted, 0.8, 0.2)]))).toBeCloseTo(2 / 3, 12)
  expect(viewDisagreement(anAsset([at(box, 0.8, 0.2)], []))).toBe(1)
  expect(probabilityVariance(anAsset([at(box, 0.8, 0.2)], [at(box, 0.4, 0.6)]))).toBeCloseTo(0.08, 12)
})

test('local divergence: nothing in a constant map, ln 2 where halves contradict', () => {
  const options = { radius: 1, pool: 2 }
  const map = (...values: number[]) => [{ columns: 2, rows: 1, values: Float32Array.from(values) }]
  expect(localDivergence(map(0.5, 0.5), options)).toBeCloseTo(0, 6)
  expect(localDivergence(map(0, 1), options)).toBeCloseTo(Math.LN2, 6)
})

test('PPAL: weights run from 1 to 1 + beta and rise; an image is like itself', () => {
  expect(classWeight(0)).toBe(1)
  expect(classWeight(1)).toBeCloseTo(1.2, 12)
  expect(classWeight(0.5)).toBeGreaterThan(classWeight(0.4))
  expect(calibratedUncertainty(anAsset([at(box, 0.5)]), [1])).toBeCloseTo(1.2 * Math.LN2, 12)
  const asset = { ...anAsset([at(box, 0.8, 0.2)]), embedding: Float32Array.of(1, 2) }
  expect(matchingSimilarity(asset, asset)).toBeCloseTo(1, 6)
  expect(matchingSimilarity(asset, { ...asset, detections: [at(box, 0.2, 0.8)] })).toBe(-1)
})

test('balance prefers what is rare in the labelled set', () => {
  expect(classBalance(anAsset([at(box, 0.8, 0.2)]), [3, 0])).toBeCloseTo(0.2, 12)
})

test('a hybrid is a product of ranks and names the term that decided', () => {
  expect(normalisedRanks([5, 1, 5])).toEqual([0.75, 0, 0.75])
  const scores = weightedProduct([
    { name: 'entropy', scores: [3, 2, 1], weight: 1, order: 'HIGHEST_FIRST' },
    { name: 'consistency', scores: [3, 2, 1], weight: 2, order: 'LOWEST_FIRST' },
  ])
  expect(scores[1]).toEqual({ score: 0.125, decidedBy: 'entropy' })
  expect(scores[2]).toEqual({ score: 0, decidedBy: 'consistency' })
})

test('a random score is the same for a seed, another for another, and spread evenly', () => {
  const scores = Array.from({ length: 2_000 }, (_, index) => randomScore(`asset ${index}`, 1))
  expect(randomScore('asset 0', 1)).toBe(scores[0])
  expect(randomScore('asset 0', 2)).not.toBe(scores[0])
  const shares = [0.25, 0.5, 0.75].map((below) => scores.filter((one) => one < below).length / 2_000)
  for (const [index, share] of shares.entries()) expect(share).toBeCloseTo((index + 1) / 4, 1)
})
