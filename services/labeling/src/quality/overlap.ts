import { DomainError } from '@ymir/graphql'
import type { Labeling } from '../context.ts'
import { LabellingItemRow } from '../item/labelling-item.entity.ts'
import { requireOpen } from '../task/labelling-task.ts'
import { changeTask } from '../task/commands.ts'
import type { LabellingTaskRow } from '../task/labelling-task.entity.ts'

/** Of a free `item`, for user $2: they neither have nor answered the other copy of its image. */
export const isNotTheirsAlready = `not exists (
  select from labelling_items as other
   where other.task_id = item.task_id and other.asset_id = item.asset_id and other.id <> item.id
     and (other.answered_by = $2 or other.state = 'CLAIMED' and other.claimed_by = $2))`

/**
 * Has this answer to an image that was answered twice go into the result, instead of the other. Of the one that is in
 * already: changes nothing.
 * @throws DomainError CONFLICT when it is not labelled, has no other answer, or the task is not open
 */
export async function chooseAnswer(
  labeling: Labeling,
  { id, taskId }: Pick<LabellingItemRow, 'id' | 'taskId'>,
): Promise<LabellingTaskRow> {
  return changeTask(labeling, taskId, async (manager, task) => {
    const item = await manager.findOneByOrFail(LabellingItemRow, { id })
    if (item.inResult) return
    requireOpen(task)
    if (item.knownAnnotations)
      throw new DomainError('CONFLICT', `labelling item ${id} is a gold image: no answer to it is stored`)
    if (item.state !== 'LABELLED' && item.state !== 'ACCEPTED')
      throw new DomainError(
        'CONFLICT',
        `labelling item ${id} is ${item.state}: choose an answer that is labelled`,
      )
    await manager.query(
      `update labelling_items set in_result = not in_result where task_id = $1 and asset_id = $2`,
      [taskId, item.assetId],
    )
  })
}
