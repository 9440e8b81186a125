import { seededRandom } from '../seeded-random.ts'
import { averagePrecision, RecallSteps } from './average-precision.ts'
import type { Detection, EvaluationInput, PackedInput } from './input.ts'
import { packInput } from './input.ts'
import type { LabelMatches } from './matching.ts'
import { matchLabels } from './matching.ts'
import { at50 } from './protocol.ts'

export interface IntervalOptions {
  /** how many test sets to draw; 200 */
  readonly resamples?: number
  /** the same seed draws the same sets */
  readonly seed: number
  /** share of the drawn sets within the interval; 0.95 */
  readonly confidence?: number
}

/** From `low` to `high`, with the share of resampled test sets (0..1) that fall between. */
export interface Interval {
  readonly low: number
  readonly high: number
  readonly confidence: number
}

/**
 * How far the mean AP at IoU 0.5 would move with another test set of the same size from the same source: the
 * percentile bootstrap over images (Efron 1979). Each round draws as many images as there are, with replacement;
 * images are matched once and only counted anew. In each round the mean is over the labels that were drawn.
 * @returns null when no label has ground truth
 * @throws BadEvaluationInput as `evaluateCoco`; RangeError for options out of range
 */
export function bootstrapInterval(input: EvaluationInput, options: IntervalOptions): Interval | null {
  return intervalOfPacked(packInput(input), options)
}

export function intervalOfPacked(input: PackedInput, options: IntervalOptions): Interval | null {
  const labels = outcomesOf(input)
  return percentileInterval(input.imageCount, options, (draws) => meanAveragePrecision(labels, draws))
}

/**
 * The interval of the gain in AP50 from one set of detections to another on the same test set. Both are resampled
 * together, so what makes an image hard for both cancels out: a gain whose interval lies above 0 exceeds the test
 * set's noise, even where the two separate intervals overlap.
 * @returns null when no label has ground truth
 * @throws BadEvaluationInput as `evaluateCoco`; RangeError for options out of range
 */
export function bootstrapGain(
  testSet: Omit<EvaluationInput, 'detections'>,
  { before, after }: { before: readonly Detection[]; after: readonly Detection[] },
  options: IntervalOptions,
): Interval | null {
  const packed = (detections: readonly Detection[]) => packInput({ ...testSet, detections })
  return gainOfPacked(packed(before), packed(after), options)
}

export function gainOfPacked(
  before: PackedInput,
  after: PackedInput,
  options: IntervalOptions,
): Interval | null {
  const labelsBefore = outcomesOf(before)
  const labelsAfter = outcomesOf(after)
  return percentileInterval(before.imageCount, options, (draws) => {
    const was = meanAveragePrecision(labelsBefore, draws)
    const is = meanAveragePrecision(labelsAfter, draws)
    return was === null || is === null ? null : is - was
  })
}

/** One label at IoU 0.5: its detections that count, best first, and the images of its ground truth. */
interface LabelOutcomes {
  readonly image: Int32Array
  readonly isHit: Uint8Array
  readonly truthImage: Int32Array
  readonly steps: RecallSteps
}

function outcomesOf(input: PackedInput): LabelOutcomes[] {
  return Array.from(matchLabels(input), outcomesAt50).filter(({ truthImage }) => truthImage.length > 0)
}

function outcomesAt50({ image, byArea, groundTruth }: LabelMatches): LabelOutcomes {
  const bit = 1 << at50
  const { hits, ignored } = byArea[0]!
  const counted = Int32Array.from(image.keys()).filter((slot) => !(ignored[slot]! & bit))
  return {
    image: counted.map((slot) => image[slot]!),
    isHit: Uint8Array.from(counted, (slot) => hits[slot]! & bit),
    truthImage: groundTruth.image,
    steps: new RecallSteps(counted.length),
  }
}

/** @param draws how often each image was drawn */
function meanAveragePrecision(labels: readonly LabelOutcomes[], draws: Int32Array): number | null {
  let sum = 0
  let labelCount = 0
  for (const outcomes of labels) {
    const average = drawnAveragePrecision(outcomes, draws)
    if (average === null) continue
    sum += average
    labelCount++
  }
  return labelCount === 0 ? null : sum / labelCount
}

function drawnAveragePrecision(outcomes: LabelOutcomes, draws: Int32Array): number | null {
  const { image, isHit, truthImage, steps } = outcomes
  let positives = 0
  for (let i = 0; i < truthImage.length; i++) positives += draws[truthImage[i]!]!
  if (positives === 0) return null

  steps.count = 0
  let truePositives = 0
  let falsePositives = 0
  for (let i = 0; i < image.length; i++) {
    const times = draws[image[i]!]!
    if (times === 0) continue
    if (!isHit[i]) falsePositives += times
    else steps.add((truePositives += times), falsePositives, i)
  }
  return averagePrecision(steps, positives)
}

function percentileInterval(
  imageCount: number,
  { resamples = 200, seed, confidence = 0.95 }: IntervalOptions,
  measure: (draws: Int32Array) => number | null,
): Interval | null {
  if (!Number.isInteger(resamples) || resamples < 1)
    throw new RangeError(`resamples ${resamples}: give 1 or more`)
  if (!(confidence > 0 && confidence < 1))
    throw new RangeError(`confidence ${confidence}: give a share below 1`)

  const random = seededRandom(seed)
  const draws = new Int32Array(imageCount)
  const measured: number[] = []
  for (let round = 0; round < resamples; round++) {
    draws.fill(0)
    for (let i = 0; i < imageCount; i++) draws[Math.floor(random() * imageCount)]!++
    const value = measure(draws)
    if (value !== null) measured.push(value)
  }
  if (measured.length === 0) return null

  measured.sort((a, b) => a - b)
  const tail = (1 - confidence) / 2
  return { low: quantile(measured, tail), high: quantile(measured, 1 - tail), confidence }
}

/** Linear between the two nearest values (Hyndman and Fan's type 7, numpy's default). */
function quantile(sorted: readonly number[], share: number): number {
  const position = (sorted.length - 1) * share
  const below = sorted[Math.floor(position)]!
  const above = sorted[Math.ceil(position)]!
  return below + (above - below) * (position % 1)
}
