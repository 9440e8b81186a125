import { type AssetDetails, confidenceOf, likeliestClass } from './asset-details.ts'

/**
 * Class balance: the sum over boxes of confidence / (1 + labelled boxes of its class), so that what is rare in the labelled
 * set counts most. Ours, inverse class frequency as in Brust et al. 2019, section 3.3, weighted by confidence. 0 without boxes.
 */
export function classBalance({ detections }: AssetDetails, labelledPerClass: readonly number[]): number {
  return detections
    .map((one) => confidenceOf(one) / (1 + (labelledPerClass[likeliestClass(one.probabilities)] ?? 0)))
    .sort((a, b) => a - b)
    .reduce((sum, one) => sum + one, 0)
}
