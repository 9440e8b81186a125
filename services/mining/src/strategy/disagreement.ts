import { iou } from '@ymir/detection'
import type { AssetDetails, DetectionDetails } from './asset-details.ts'
import { confidenceOf, likeliestClass } from './asset-details.ts'

/**
 * 1 - mean agreement of the image with its views, in 0..1. A view's agreement is the sum of the IoU of boxes matched one
 * to one within a class (highest IoU first), divided by the larger count: unmatched boxes on either side count 0. Ours,
 * after the localisation stability of Kao et al. 2018 (eq. 3: mean IoU of a box with its counterparts).
 * Two looks without boxes agree; no views give 0.
 */
export function viewDisagreement(asset: AssetDetails): number {
  const views = asset.views ?? []
  if (views.length === 0) return 0
  const agreement = views.reduce((sum, view) => sum + overlapOf(asset.detections, view.detections), 0)
  return Math.min(1, Math.max(0, 1 - agreement / views.length))
}

function overlapOf(a: readonly DetectionDetails[], b: readonly DetectionDetails[]): number {
  if (a.length === 0 && b.length === 0) return 1
  const total = matchByIou(a, b, 0, true).reduce((sum, { overlap }) => sum + overlap, 0)
  return total / Math.max(a.length, b.length)
}

interface Match {
  readonly first: DetectionDetails
  readonly second: DetectionDetails
  readonly overlap: number
}

function matchByIou(
  a: readonly DetectionDetails[],
  b: readonly DetectionDetails[],
  above: number,
  sameClass: boolean,
): Match[] {
  const pairs: Match[] = a.flatMap((first) =>
    b
      .filter((second) => !sameClass || classOf(first) === classOf(second))
      .map((second) => ({ first, second, overlap: iou(first.box, second.box) }))
      .filter(({ overlap }) => overlap > above),
  )
  pairs.sort((x, y) => y.overlap - x.overlap || confidenceOf(y.second) - confidenceOf(x.second))
  const taken = new Set<DetectionDetails>()
  return pairs.filter(({ first, second }) => {
    if (taken.has(first) || taken.has(second)) return false
    taken.add(first).add(second)
    return true
  })
}

function classOf(detection: DetectionDetails): number {
  return likeliestClass(detection.probabilities)
}

/**
 * Variance of the class probabilities over the looks at one object, summed over classes, the mean over objects
 * (total variance of Monte-Carlo samples, Gal & Ghahramani 2016, eq. 5 without its constant term). Looks are matched
 * by IoU above 0.5; a look that misses the object counts as zeros. No detections or views give 0; never above classes/4.
 */
export function probabilityVariance(asset: AssetDetails): number {
  const views = asset.views ?? []
  if (views.length === 0 || asset.detections.length === 0) return 0
  const matches = views.map(
    ({ detections }) =>
      new Map(
        matchByIou(asset.detections, detections, 0.5, false).map(({ first, second }) => [first, second]),
      ),
  )
  const perObject = asset.detections.map((one) => {
    const looks = [one, ...matches.map((found) => found.get(one))]
    return one.probabilities.reduce(
      (sum, _, label) => sum + variance(looks.map((look) => look?.probabilities[label] ?? 0)),
      0,
    )
  })
  return perObject.toSorted((a, b) => a - b).reduce((sum, one) => sum + one, 0) / perObject.length
}

function variance(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
}
