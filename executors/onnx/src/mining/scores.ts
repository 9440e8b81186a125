/**
 * How much a detector would learn from an image: its doubt about the boxes it finds there.
 *
 * A box's class scores p_1 ... p_n sum to 1 at most; what they lack, p_0, is the share of "nothing is there". So there
 * is doubt with a single class too.
 */
import type { Detection } from '../objects.ts'

/**
 * - `random`: a number from the seed and the image's place in the list, whatever is found.
 * - `entropy`: -sum of p ln p over classes and nothing, divided by ln(n + 1).
 * - `least_confidence`: 1 - the greatest class score.
 * - `margin`: 1 - (greatest p - second greatest p), nothing included.
 *
 * All lie in 0..1, 1 for greatest doubt.
 */
export const miningStrategies = ['random', 'entropy', 'least_confidence', 'margin'] as const
export type MiningStrategy = (typeof miningStrategies)[number]

/**
 * How the doubts about an image's boxes become one score: `max` is its most doubtful box, `mean` their average,
 * `sum` favours images with many doubtful boxes.
 */
export const miningAggregations = ['max', 'mean', 'sum'] as const
export type MiningAggregation = (typeof miningAggregations)[number]

const doubts: Record<Exclude<MiningStrategy, 'random'>, (classScores: readonly number[]) => number> = {
  entropy(classScores) {
    const shares = sharesOf(classScores)
    const entropy = shares.reduce((sum, share) => (share > 0 ? sum - share * Math.log(share) : sum), 0)
    return entropy / Math.log(shares.length)
  },
  least_confidence: (classScores) => 1 - Math.max(...classScores),
  margin(classScores) {
    const [greatest = 0, second = 0] = sharesOf(classScores).toSorted((a, b) => b - a)
    return 1 - (greatest - second)
  },
}

const aggregates: Record<MiningAggregation, (doubts: readonly number[]) => number> = {
  max: (values) => Math.max(...values),
  mean: (values) => sumOf(values) / values.length,
  sum: sumOf,
}

export interface ScoreOptions {
  readonly strategy: MiningStrategy
  readonly aggregation: MiningAggregation
  /** the rule for an image in which nothing is found, except for `random` */
  readonly scoreWithoutDetections: number
}

/**
 * The score of one image; higher is mined first.
 * @param detections those that count: the caller has left out what scores too low
 * @param random for the strategy `random`: uniform in [0, 1)
 */
export function imageScore(
  detections: readonly Detection[],
  options: ScoreOptions,
  random: () => number,
): number {
  const { strategy, aggregation, scoreWithoutDetections } = options
  if (strategy === 'random') return random()
  if (detections.length === 0) return scoreWithoutDetections
  return aggregates[aggregation](detections.map(({ classScores }) => doubts[strategy](classScores)))
}

/** The class scores and, last, the share of nothing. */
function sharesOf(classScores: readonly number[]): number[] {
  return [...classScores, Math.max(0, 1 - sumOf(classScores))] // rounding can make it negative
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
