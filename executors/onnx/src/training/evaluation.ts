/** How well a detector does on images whose objects are known. */
import { evaluateCoco } from '@ymir/detection'
import type { Detector } from '../detector/detector.ts'
import type { Letterbox } from '../images/letterbox.ts'
import { detectImages } from '../inference/detect-images.ts'
import type { LabelledImage } from '../objects.ts'

export interface Evaluation {
  /** mean average precision at IoU 0.5, 0..1; 0 when there is nothing to be found */
  readonly map50: number
  /** the same over IoU 0.5:0.95 */
  readonly map: number
  /** average recall over IoU 0.5:0.95 */
  readonly mar: number
  /** at IoU 0.5, of detections that score {@link COUNTED_SCORE} or more */
  readonly truePositives: number
  readonly falsePositives: number
  readonly falseNegatives: number
}

/** Low enough for the whole precision-recall curve. */
export const EVALUATED_SCORE = 0.01
export const COUNTED_SCORE = 0.3

const BATCH_SIZE = 8

/** @param read how an image is had, so that a second evaluation need not decode it again */
export async function evaluate(
  detector: Detector,
  images: readonly LabelledImage[],
  read: (path: string) => Promise<Letterbox>,
): Promise<Evaluation> {
  const paths = images.map((image) => image.path)
  const limits = { scoreThreshold: EVALUATED_SCORE, overlapThreshold: 0.5, batchSize: BATCH_SIZE }
  const detections = []
  let imageId = 0
  for await (const found of detectImages(detector, paths, limits, read)) {
    for (const { label, box, score } of found.detections) detections.push({ imageId, label, box, score })
    imageId++
  }
  const groundTruth = images.flatMap(({ objects }, imageId) =>
    objects.map(({ label, box }) => ({ imageId, label, box })),
  )
  const { summary, perLabel } = evaluateCoco(
    { images: images.map((_, id) => id), labels: detector.classNames, groundTruth, detections },
    { scoreThreshold: COUNTED_SCORE },
  )
  const sum = (pick: (label: (typeof perLabel)[number]) => number) =>
    perLabel.reduce((all, label) => all + pick(label), 0)
  return {
    map50: summary.AP50 ?? 0,
    map: summary.AP ?? 0,
    mar: summary.AR100 ?? 0,
    truePositives: sum((label) => label.truePositives),
    falsePositives: sum((label) => label.falsePositives),
    falseNegatives: sum((label) => label.falseNegatives),
  }
}
