import { boxAround, iou } from '@ymir/detection'
import type { Annotation } from '../item/annotation.ts'
import type { LabellingItemRow } from '../item/labelling-item.entity.ts'

/** A model's box is left out where a box of its class is already. */
const sameObjectIou = 0.5

/** A box to start from. */
export interface StartingBox extends Annotation {
  /** The model's, 0 to 1; null: it is no model's. */
  readonly score: number | null
}

/** What a labeller in a tool starts from: what is annotated, and what a model found beside it. */
export function startOf({
  annotations,
  predictions,
}: Pick<LabellingItemRow, 'annotations' | 'predictions'>): StartingBox[] {
  const drawn = annotations.map((one) => ({ ...one, score: null }))
  const found = predictions
    .filter(
      ({ label, box }) =>
        !drawn.some((one) => one.label === label && iou(boxAround(one), box) > sameObjectIou),
    )
    .map((one) => ({ ...one, difficult: false, truncated: false, crowd: false }))
  return [...drawn, ...found]
}
