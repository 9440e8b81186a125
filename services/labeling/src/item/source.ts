import { iou } from '@ymir/detection'
import type { LabellingTaskRow } from '../task/labelling-task.entity.ts'
import type { Annotation } from './annotation.ts'
import type { LabellingItemRow } from './labelling-item.entity.ts'

/** Boxes that overlap so much are one: what a model found is cut to the image when somebody takes it over. */
const sameBoxIou = 0.999

/** Where an annotation comes from, as the dataset service keeps it. */
export interface AnnotationSource {
  readonly kind: 'PERSON' | 'MODEL' | 'AUTOMATIC_LABELLER'
  /** Of the user, the model stage or the automatic labeller. */
  readonly id: string
}

/** Who said first that an object is there: the model whose box was taken over as it was, or who answered. */
export function sourceOf(
  { label, box, rotation }: Annotation,
  { answeredBy, predictions }: Pick<LabellingItemRow, 'answeredBy' | 'predictions'>,
  task: Pick<LabellingTaskRow, 'automaticLabellerId' | 'predictions'>,
): AnnotationSource | undefined {
  if (!answeredBy)
    return task.automaticLabellerId ? { kind: 'AUTOMATIC_LABELLER', id: task.automaticLabellerId } : undefined
  const stageId = task.predictions?.stageId
  // what a model found is not turned
  const isFound =
    !rotation && predictions.some((found) => found.label === label && iou(found.box, box) >= sameBoxIou)
  return stageId && isFound ? { kind: 'MODEL', id: stageId } : { kind: 'PERSON', id: answeredBy }
}
