import type { AssetDetails } from './asset-details.ts'

/** Least confidence, 1 - max p (Lewis & Gale 1994; Settles 2009, section 3.1). In 0..1; 1 of no classes. */
export function leastConfidence(probabilities: readonly number[]): number {
  return 1 - Math.max(0, ...probabilities)
}

/** Margin as uncertainty, 1 - (p1 - p2) of the two highest (Scheffer et al. 2001). In 0..1; one class: 1 - p1. */
export function margin(probabilities: readonly number[]): number {
  const [first = 0, second = 0] = probabilities.toSorted((a, b) => b - a)
  return 1 - (first - second)
}

/** Entropy -sum p ln p in nats (Shannon 1948), of a distribution; 0..ln(classes). */
export function entropy(probabilities: readonly number[]): number {
  return probabilities.reduce((sum, p) => sum + surprise(p), 0)
}

/** Entropy divided by ln(classes), in 0..1; 0 for fewer than two classes. */
export function normalisedEntropy(probabilities: readonly number[]): number {
  return probabilities.length < 2 ? 0 : entropy(probabilities) / Math.log(probabilities.length)
}

/** Sum over classes of -(p ln p + (1-p) ln(1-p)), nats, for sigmoid heads (Yang et al. 2024, PPAL); 0..classes ln 2. */
export function binaryEntropy(probabilities: readonly number[]): number {
  return probabilities.reduce((sum, p) => sum + surprise(p) + surprise(1 - p), 0)
}

function surprise(p: number): number {
  return p > 0 ? -p * Math.log(p) : 0
}

/** The aggregations that can be asked for. */
export type ScoreAggregate = Aggregation['by']

/** How the boxes' scores become the image's (Brust et al. 2019, section 3.2: sum, average, maximum). */
export type Aggregation =
  { readonly by: 'SUM' | 'MEAN' | 'MAX' } | { readonly by: 'TOP_MEAN'; readonly count: number }

export interface ImageRule {
  /** Default MAX: one doubtful object is enough, and many sure ones do not hide it. */
  readonly aggregation: Aggregation
  /** The score of an image without detections. Default 0: nothing that the model doubts. */
  readonly withoutDetections: number
}

export const imageRule: ImageRule = { aggregation: { by: 'MAX' }, withoutDetections: 0 }

/** Boxes that TOP_MEAN counts where nothing else is said. */
export const usualTopCount = 3

/**
 * The image's score of its boxes' scores.
 * @throws RangeError when TOP_MEAN has a count below 1
 */
export function aggregate(scores: readonly number[], rule: ImageRule = imageRule): number {
  const { aggregation, withoutDetections } = rule
  if (aggregation.by === 'TOP_MEAN' && !(aggregation.count >= 1))
    throw new RangeError(`TOP_MEAN of ${aggregation.count} boxes: give a count of at least 1`)
  if (scores.length === 0) return withoutDetections
  const sorted = scores.toSorted((a, b) => b - a) // also: the same sum whatever the boxes' order
  if (aggregation.by === 'MAX') return sorted[0]!
  if (aggregation.by === 'SUM') return sum(sorted)
  return mean(aggregation.by === 'TOP_MEAN' ? sorted.slice(0, aggregation.count) : sorted)
}

/** The image's uncertainty: a measure of each detection, aggregated. */
export function imageUncertainty(
  asset: AssetDetails,
  measure: (probabilities: readonly number[]) => number,
  rule: ImageRule = imageRule,
): number {
  return aggregate(
    asset.detections.map(({ probabilities }) => measure(probabilities)),
    rule,
  )
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length
}
