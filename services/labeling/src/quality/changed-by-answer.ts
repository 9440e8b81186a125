import type { Annotation } from '../item/annotation.ts'
import type { LabellingItemRow } from '../item/labelling-item.entity.ts'
import type { LabellingTaskRow } from '../task/labelling-task.entity.ts'
import { countChanges, differenceOf, type BoxChange, type ChangeCounts } from './difference.ts'
import type { LabelledBox } from './pairing.ts'

/** Predictions of lower scores are not shown to labellers unless they ask: nothing started from them. */
const leastScore = 0.3

type Answered = Pick<LabellingItemRow, 'annotations' | 'startAnnotations' | 'predictions'>
type OfTask = Pick<LabellingTaskRow, 'predictions'>

/** What an answer made of the model's predictions, where the task has them, or else of the annotations it started from. */
export function changesOf(
  item: Answered,
  { predictions }: OfTask,
): BoxChange<LabelledBox, Annotation>[] | null {
  if (!item.startAnnotations) return null
  const start: readonly LabelledBox[] = predictions
    ? item.predictions.filter(({ score }) => score >= leastScore)
    : item.startAnnotations
  return differenceOf(start, item.annotations)
}

/** As kept with the item; null when what it started from is not known. */
export function changeCountsOf(item: Answered, task: OfTask): ChangeCounts | null {
  const changes = changesOf(item, task)
  return changes && countChanges(changes)
}
