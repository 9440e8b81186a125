import type { BoxXywh } from '@ymir/detection'

/** SOFTMAX: one distribution over the classes, sums to 1. SIGMOID: an independent probability per class. */
export type ProbabilityKind = 'SOFTMAX' | 'SIGMOID'

export interface DetectionDetails {
  /** Pixels of the original image. */
  readonly box: BoxXywh
  /** One per class, each in 0..1. */
  readonly probabilities: readonly number[]
  /** Feature of the object, where the model gives one (PPAL). */
  readonly embedding?: Float32Array
}

/** What the model said of a changed copy of the image, with boxes mapped back to the original. */
export interface View {
  readonly transform: string
  readonly detections: readonly DetectionDetails[]
}

/** Probabilities of one class over the image's grid, row by row (ALDD). */
export interface HeatMap {
  readonly columns: number
  readonly rows: number
  readonly values: Float32Array
}

/** All that an image can say of one asset; what is missing limits the strategies (`strategies`). */
export interface AssetDetails {
  readonly assetId: string
  readonly probabilityKind: ProbabilityKind
  readonly detections: readonly DetectionDetails[]
  readonly views?: readonly View[]
  readonly embedding?: Float32Array
  readonly heatMaps?: readonly HeatMap[]
}

/** Assets in the order of their ids, so that no result depends on the order they came in. */
export function inOrder<Asset extends { readonly assetId: string }>(assets: readonly Asset[]): Asset[] {
  return assets.toSorted((a, b) => (a.assetId < b.assetId ? -1 : a.assetId > b.assetId ? 1 : 0))
}

/** Index of the most probable class; the lowest index among equals, -1 of none. */
export function likeliestClass(probabilities: readonly number[]): number {
  let best = probabilities.length > 0 ? 0 : -1
  for (let index = 1; index < probabilities.length; index++)
    if (probabilities[index]! > probabilities[best]!) best = index
  return best
}

/** Highest class probability of a detection, 0 of none. */
export function confidenceOf(detection: DetectionDetails): number {
  return detection.probabilities.reduce((highest, one) => Math.max(highest, one), 0)
}
