import { iou } from '@ymir/detection'
import {
  type AssetDetails,
  confidenceOf,
  type DetectionDetails,
  inOrder,
  likeliestClass,
} from './asset-details.ts'
import { jensenShannon, softmax } from './divergence.ts'

export interface CaldOptions {
  /** The agreement that teaches most; 1.3 in the paper for two-stage detectors. */
  readonly beta: number
  /** First stage keeps this many times the budget. */
  readonly candidates: number
}

export const caldOptions: CaldOptions = { beta: 1.3, candidates: 1.2 }

/**
 * CALD's first stage (Yu, Zhu, Yang & Chen 2022, section 4.1): the mean over views of min over boxes |m - beta|, where
 * m = C^b + C^c, C^b = IoU with the view's box of the highest IoU, C^c = (max p + max q) / 2 * (1 - JS(p, q)).
 * The lower, the more informative. As in the authors' code: JS in nats, an image or a view without detections gives 0,
 * and no view's minimum exceeds 1.
 */
export function caldConsistency(asset: AssetDetails, beta = caldOptions.beta): number {
  const views = asset.views ?? []
  if (asset.detections.length === 0 || views.length === 0) return 0
  const perView = views.map(({ detections }) => {
    if (detections.length === 0) return 0
    return Math.min(1, ...asset.detections.map((one) => Math.abs(agreement(one, detections) - beta)))
  })
  return perView.reduce((sum, one) => sum + one, 0) / views.length
}

function agreement(reference: DetectionDetails, detections: readonly DetectionDetails[]): number {
  const { detection, overlap } = closest(reference, detections)
  const divergence = jensenShannon(reference.probabilities, detection.probabilities)
  return overlap + ((confidenceOf(reference) + confidenceOf(detection)) / 2) * (1 - divergence)
}

function closest(reference: DetectionDetails, detections: readonly DetectionDetails[]) {
  let detection = detections[0]!
  let overlap = iou(reference.box, detection.box)
  for (const other of detections.slice(1)) {
    const there = iou(reference.box, other.box)
    if (there < overlap || (there === overlap && confidenceOf(other) <= confidenceOf(detection))) continue
    detection = other
    overlap = there
  }
  return { detection, overlap }
}

/**
 * Highest confidence per class, the mean over the image and its views (Yu et al. 2022, section 4.2, Delta_U). As in the
 * authors' code an image without detections has none, whatever its views show.
 */
export function classEvidence(asset: AssetDetails, classCount: number): number[] {
  const views = asset.detections.length > 0 ? (asset.views ?? []) : []
  const looks = [asset.detections, ...views.map(({ detections }) => detections)]
  const evidence = new Array<number>(classCount).fill(0)
  for (const detections of looks) {
    const highest = new Array<number>(classCount).fill(0)
    for (const one of detections) {
      const label = likeliestClass(one.probabilities)
      if (label >= 0) highest[label] = Math.max(highest[label]!, confidenceOf(one))
    }
    highest.forEach((value, label) => (evidence[label]! += value / looks.length))
  }
  return evidence
}

/**
 * CALD, both stages: the `candidates` * budget lowest of `caldConsistency`, of which those are taken whose softmax of
 * class evidence is farthest by JS from the softmax of the labelled boxes per class and image (Yu et al. 2022,
 * section 4.2). Images with no evidence come first, and the labelled distribution stays as it is, as in the authors' code.
 * @param labelledPerClass boxes of each class, mean per labelled image
 */
export function cald(
  assets: readonly AssetDetails[],
  budget: number,
  labelledPerClass: readonly number[],
  options: CaldOptions = caldOptions,
): string[] {
  const pool = inOrder(assets)
    .map((asset) => ({ asset, consistency: caldConsistency(asset, options.beta) }))
    .sort((a, b) => a.consistency - b.consistency)
    .slice(0, Math.max(budget, Math.floor(options.candidates * budget)))
  const labelled = softmax(labelledPerClass)
  return pool
    .map(({ asset }) => {
      const evidence = classEvidence(asset, labelledPerClass.length)
      const isEmpty = evidence.every((value) => value === 0)
      return { asset, distance: isEmpty ? Infinity : jensenShannon(labelled, softmax(evidence)) }
    })
    .sort((a, b) => (a.distance === b.distance ? 0 : b.distance - a.distance))
    .slice(0, budget)
    .map(({ asset }) => asset.assetId)
}

/**
 * CALD as the published system's YOLOv5 image writes it: highest first, one stage, and the confidences alone,
 * JS([c, 1-c], [d, 1-d]), in place of the class distributions. An image without detections gives -beta, a view without
 * detections adds beta, a view's minimum starts at 2.
 */
export function caldOfImages(asset: AssetDetails, beta = caldOptions.beta): number {
  const views = asset.views ?? []
  if (asset.detections.length === 0 || views.length === 0) return -beta
  const perView = views.map(({ detections }) => {
    if (detections.length === 0) return beta
    return Math.min(
      2,
      ...asset.detections.map((one) => Math.abs(confidenceAgreement(one, detections) - beta)),
    )
  })
  return perView.reduce((sum, one) => sum + one, 0) / views.length
}

function confidenceAgreement(reference: DetectionDetails, detections: readonly DetectionDetails[]): number {
  const { detection, overlap } = closest(reference, detections)
  const [c, d] = [confidenceOf(reference), confidenceOf(detection)]
  return overlap + ((c + d) / 2) * (1 - jensenShannon([c, 1 - c], [d, 1 - d]))
}
