/** Objects in images, as they go in (ground truth) and come out (detections). */
import type { BoxXywh } from '@ymir/detection'

export interface LabelledBox {
  readonly label: string
  /** in pixels of the file */
  readonly box: BoxXywh
}

/** An image with its ground truth; no objects in it is knowledge too. */
export interface LabelledImage {
  readonly path: string
  readonly objects: readonly LabelledBox[]
}

export interface Detection extends LabelledBox {
  /** 0..1 */
  readonly score: number
  /** how likely it is each of the classes, in the order of their names; what they lack to 1 says that nothing is there */
  readonly classScores: readonly number[]
}
