import { averagePrecision, RecallSteps } from './average-precision.ts'
import type { Interval, IntervalOptions } from './bootstrap-interval.ts'
import { intervalOfPacked } from './bootstrap-interval.ts'
import type { EvaluationInput, PackedInput } from './input.ts'
import { packInput } from './input.ts'
import type { AreaMatches, LabelMatches } from './matching.ts'
import { matchLabels } from './matching.ts'
import { areaRanges, at50, at75, iouThresholds, maximumDetections } from './protocol.ts'

export interface EvaluationOptions {
  /** 0..1: detections at or above it are counted in `truePositives`, `falsePositives` and `falseNegatives`; 0.25 */
  readonly scoreThreshold?: number
  /** also compute the interval of AP50; see {@link bootstrapInterval} */
  readonly interval?: IntervalOptions
}

/**
 * COCO's twelve figures under their usual names, each 0..1: average precision (AP) over IoU 0.50:0.95, at one IoU,
 * or by object size; average recall (AR) with at most 1, 10 or 100 detections an image, or by object size.
 * Each is a mean over the labels that have ground truth (of that size); null where none has (pycocotools: -1).
 */
export interface CocoSummary {
  readonly AP: number | null
  readonly AP50: number | null
  readonly AP75: number | null
  readonly APsmall: number | null
  readonly APmedium: number | null
  readonly APlarge: number | null
  readonly AR1: number | null
  readonly AR10: number | null
  readonly AR100: number | null
  readonly ARsmall: number | null
  readonly ARmedium: number | null
  readonly ARlarge: number | null
}

export interface LabelEvaluation {
  readonly label: string
  /** mean over IoU 0.50:0.95; null when the label has no ground truth but crowds */
  readonly ap: number | null
  readonly ap50: number | null
  readonly ap75: number | null
  /** average recall over IoU 0.50:0.95 with at most 100 detections an image */
  readonly ar: number | null
  /** crowds excluded */
  readonly groundTruthCount: number
  /** of any score, those beyond the best 100 of their image included */
  readonly detectionCount: number
  /** these three: at IoU 0.5, at the evaluation's `scoreThreshold`, what overlaps a crowd excluded */
  readonly truePositives: number
  readonly falsePositives: number
  readonly falseNegatives: number
  /** at IoU 0.5: precision at each of `recallPoints`, 0 where that recall is not reached; empty if ap is null */
  readonly precisionAtRecall: readonly number[]
  /** the score threshold that gives that recall; null where it is not reached */
  readonly scoreAtRecall: readonly (number | null)[]
}

export interface CocoEvaluation {
  readonly summary: CocoSummary
  /** in the order of the input's labels */
  readonly perLabel: readonly LabelEvaluation[]
  readonly imageCount: number
  readonly scoreThreshold: number
  /** of `summary.AP50`, if it was asked for and there is ground truth */
  readonly ap50Interval: Interval | null
}

const defaultScoreThreshold = 0.25

/**
 * Evaluates detections against ground truth with COCO's metrics for boxes; the figures are those of pycocotools.
 * It runs where it is called: `evaluateInWorker` keeps the event loop free.
 * @throws BadEvaluationInput for a number that is not finite, or a box on an image that is not listed
 */
export function evaluateCoco(input: EvaluationInput, options: EvaluationOptions = {}): CocoEvaluation {
  return evaluatePacked(packInput(input), options)
}

export function evaluatePacked(input: PackedInput, options: EvaluationOptions = {}): CocoEvaluation {
  const scoreThreshold = options.scoreThreshold ?? defaultScoreThreshold
  const perLabel: LabelEvaluation[] = []
  const figures: LabelFigures[] = []
  for (const matches of matchLabels(input)) {
    const ofLabel = figuresOf(matches)
    figures.push(ofLabel)
    perLabel.push(describeLabel(matches, ofLabel, scoreThreshold))
  }

  return {
    summary: summarize(figures),
    perLabel,
    imageCount: input.imageCount,
    scoreThreshold,
    ap50Interval: options.interval ? intervalOfPacked(input, options.interval) : null,
  }
}

/** One label's share of each of the twelve figures; null where the label has nothing to be found. */
type LabelFigures = { readonly [figure in keyof CocoSummary]: number | null }

function figuresOf(matches: LabelMatches): LabelFigures {
  const [all, small, medium, large] = areaRanges.map((_, area) =>
    precisionByIou(matches, matches.byArea[area]!),
  )
  const recall = areaRanges.map((_, area) => averageRecall(matches, matches.byArea[area]!, maximumDetections))
  return {
    AP: mean(all!),
    AP50: all![at50] ?? null,
    AP75: all![at75] ?? null,
    APsmall: mean(small!),
    APmedium: mean(medium!),
    APlarge: mean(large!),
    AR1: averageRecall(matches, matches.byArea[0]!, 1),
    AR10: averageRecall(matches, matches.byArea[0]!, 10),
    AR100: recall[0]!,
    ARsmall: recall[1]!,
    ARmedium: recall[2]!,
    ARlarge: recall[3]!,
  }
}

/** @returns average precision at each IoU threshold; nothing when there is nothing to be found */
function precisionByIou(matches: LabelMatches, outcomes: AreaMatches): number[] {
  if (outcomes.positives === 0) return []
  return iouThresholds.map((_, iou) =>
    averagePrecision(recallSteps(matches, outcomes, iou), outcomes.positives),
  )
}

function recallSteps(
  { count }: LabelMatches,
  { hits, ignored, positives }: AreaMatches,
  iou: number,
): RecallSteps {
  const steps = new RecallSteps(Math.min(count, positives))
  const bit = 1 << iou
  let truePositives = 0
  let falsePositives = 0
  for (let i = 0; i < count; i++) {
    if (hits[i]! & bit) steps.add(++truePositives, falsePositives, i)
    else if (!(ignored[i]! & bit)) falsePositives++
  }
  return steps
}

/** Recall with the best `limit` detections of each image, mean over the IoU thresholds. */
function averageRecall(
  matches: LabelMatches,
  { hits, positives }: AreaMatches,
  limit: number,
): number | null {
  if (positives === 0) return null
  let found = 0
  for (let i = 0; i < matches.count; i++) {
    if (matches.rankInImage[i]! < limit) found += bitCount(hits[i]!)
  }
  return found / positives / iouThresholds.length
}

function bitCount(bits: number): number {
  let count = 0
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++
  return count
}

function describeLabel(
  matches: LabelMatches,
  figures: LabelFigures,
  scoreThreshold: number,
): LabelEvaluation {
  const outcomes = matches.byArea[0]!
  return {
    label: matches.label,
    ap: figures.AP,
    ap50: figures.AP50,
    ap75: figures.AP75,
    ar: figures.AR100,
    groundTruthCount: matches.groundTruth.count,
    detectionCount: matches.detectionCount,
    ...countOutcomes(matches, outcomes, scoreThreshold),
    ...precisionRecallCurve(matches, outcomes),
  }
}

function countOutcomes(
  { score, count }: LabelMatches,
  { hits, ignored, positives }: AreaMatches,
  threshold: number,
) {
  const bit = 1 << at50
  let truePositives = 0
  let falsePositives = 0
  for (let i = 0; i < count && score[i]! >= threshold; i++) {
    if (hits[i]! & bit) truePositives++
    else if (!(ignored[i]! & bit)) falsePositives++
  }
  return { truePositives, falsePositives, falseNegatives: positives - truePositives }
}

function precisionRecallCurve(matches: LabelMatches, outcomes: AreaMatches) {
  const precisionAtRecall: number[] = []
  const scoreAtRecall: (number | null)[] = []
  if (outcomes.positives === 0) return { precisionAtRecall, scoreAtRecall }
  const steps = recallSteps(matches, outcomes, at50)
  averagePrecision(steps, outcomes.positives, (_, precision, step) => {
    precisionAtRecall.push(precision)
    scoreAtRecall.push(step < 0 ? null : matches.score[steps.detection[step]!]!)
  })
  return { precisionAtRecall, scoreAtRecall }
}

function summarize(figures: readonly LabelFigures[]): CocoSummary {
  const overLabels = (figure: keyof CocoSummary): number | null =>
    mean(figures.map((ofLabel) => ofLabel[figure]).filter((value) => value !== null))
  return {
    AP: overLabels('AP'),
    AP50: overLabels('AP50'),
    AP75: overLabels('AP75'),
    APsmall: overLabels('APsmall'),
    APmedium: overLabels('APmedium'),
    APlarge: overLabels('APlarge'),
    AR1: overLabels('AR1'),
    AR10: overLabels('AR10'),
    AR100: overLabels('AR100'),
    ARsmall: overLabels('ARsmall'),
    ARmedium: overLabels('ARmedium'),
    ARlarge: overLabels('ARlarge'),
  }
}

function mean(values: readonly number[]): number | null {
  if (values.length === 0) return null
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
