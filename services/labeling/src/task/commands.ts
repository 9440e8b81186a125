import { DomainError, notFound } from '@ymir/graphql'
import type { EntityManager } from 'typeorm'
import type { Labeling } from '../context.ts'
import { countItems } from './counts.ts'
import type { LabellingTaskRow } from './labelling-task.entity.ts'
import { changeState, lockTask, noteProgress, requireOpen, storeResult } from './labelling-task.ts'
import { hasEnded } from './state.ts'

/** Stops a task; what was labelled is not stored, unless that is under way. A task that has ended stays as it is. */
export function cancelTask(labeling: Labeling, id: string): Promise<LabellingTaskRow> {
  return changeTask(labeling, id, async (manager, task) => {
    if (!hasEnded(task.state)) await changeState(manager, labeling.bus, task, 'CANCELLED')
  })
}

/**
 * Stores what is labelled, without waiting for the rest; with review, what is not yet accepted counts as accepted. What
 * could not be stored (a label was missing) is stored again.
 * @throws DomainError CONFLICT when the task is neither open nor failed, or nothing is labelled
 */
export function finishTask(labeling: Labeling, id: string): Promise<LabellingTaskRow> {
  return changeTask(labeling, id, async (manager, task) => {
    if (task.state !== 'FAILED') requireOpen(task)
    const counts = await countItems(manager, task.id)
    if (counts.forResult === 0)
      throw new DomainError(
        'CONFLICT',
        `nothing of labelling task "${task.name}" is labelled: label some images first, or cancel it`,
        { taskId: id },
      )
    await storeResult(manager, labeling.bus, task, counts)
  })
}

/**
 * Opens a task again that was stored (or could not be): all its answers are sent back, and stored as another version
 * when they are given again.
 * @throws DomainError BAD_USER_INPUT without a comment, CONFLICT when there is nothing to send back
 */
export function sendBackTask(labeling: Labeling, id: string, comment: string): Promise<LabellingTaskRow> {
  const words = comment.trim()
  if (!words)
    throw new DomainError('BAD_USER_INPUT', 'say in the comment what to do better', { field: 'comment' })
  return changeTask(labeling, id, async (manager, task) => {
    if (!hasEnded(task.state))
      throw new DomainError(
        'CONFLICT',
        `labelling task "${task.name}" is ${task.state}: send single images back with reviewItem, or wait for its end`,
        { taskId: id, state: task.state },
      )
    if (task.itemCount === null)
      throw new DomainError('CONFLICT', `labelling task "${task.name}" has no images: make another`, {
        taskId: id,
      })
    await manager.query(
      `update labelling_items set state = 'SENT_BACK', comment = $2, claimed_by = null, claimed_until = null
        where task_id = $1 and state in ('LABELLED', 'ACCEPTED', 'SKIPPED')`,
      [id, words],
    )
    // after its images, so that a vendor is told how many there are to do
    await changeState(manager, labeling.bus, task, 'OPEN')
    await noteProgress(manager, labeling.bus, task)
  })
}

/** A change of one task, which is locked meanwhile. @throws DomainError NOT_FOUND */
export async function changeTask(
  { database }: Labeling,
  id: string,
  change: (manager: EntityManager, task: LabellingTaskRow) => Promise<void>,
): Promise<LabellingTaskRow> {
  return database.transaction(async (manager) => {
    const task = await lockTask(manager, id)
    if (!task) throw notFound('labelling task', id)
    await change(manager, task)
    return task
  })
}
