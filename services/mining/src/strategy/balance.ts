import { type AssetDetails, confidenceOf, type DetectionDetails, likeliestClass } from './asset-details.ts'

/**
 * Class balance: the sum over boxes of `boxBalance`, so that what is rare in the labelled set counts most. Ours, inverse class
 * frequency as in Brust et al. 2019, section 3.3, weighted by confidence. 0 without boxes.
 */
export function classBalance({ detections }: AssetDetails, labelledPerClass: readonly number[]): number {
  return detections
    .map((one) => boxBalance(one, labelledPerClass))
    .sort((a, b) => a - b)
    .reduce((sum, one) => sum + one, 0)
}

/** confidence / (1 + labelled boxes of its class) */
export function boxBalance(box: DetectionDetails, labelledPerClass: readonly number[]): number {
  return confidenceOf(box) / (1 + (labelledPerClass[likeliestClass(box.probabilities)] ?? 0))
}
