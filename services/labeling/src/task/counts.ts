import type { EntityManager } from 'typeorm'
import type { LabellingItemState } from '../item/state.ts'

/** How many items of a task are where. */
export interface ItemCounts {
  /** Waiting, claimed or sent back. */
  readonly todo: number
  /** Labelled and not yet accepted. */
  readonly labelled: number
  readonly accepted: number
  readonly skipped: number
  /** Labelled, accepted or skipped. */
  readonly done: number
  /** Labelled or accepted, but for gold images and second copies. */
  readonly forResult: number
}

/** The counts of one task, as the transaction sees them. */
export async function countItems(manager: EntityManager, taskId: string): Promise<ItemCounts> {
  const [counts] = await countItemsOfTasks(manager, [taskId])
  return counts!
}

/** The counts of several tasks, in their order. */
export async function countItemsOfTasks(
  manager: EntityManager,
  taskIds: readonly string[],
): Promise<ItemCounts[]> {
  const rows: { task_id: string; state: LabellingItemState; count: number; in_result: number }[] =
    await manager.query(
      `select task_id, state, count(*)::integer as count,
              (count(*) filter (where in_result))::integer as in_result
         from labelling_items where task_id = any($1::uuid[]) group by task_id, state`,
      [taskIds],
    )
  return taskIds.map((taskId) => {
    const found = (state: LabellingItemState) =>
      rows.find((row) => row.task_id === taskId && row.state === state)
    const of = (state: LabellingItemState) => found(state)?.count ?? 0
    const [labelled, accepted, skipped] = [of('LABELLED'), of('ACCEPTED'), of('SKIPPED')]
    const todo = of('WAITING') + of('CLAIMED') + of('SENT_BACK')
    const forResult = (found('LABELLED')?.in_result ?? 0) + (found('ACCEPTED')?.in_result ?? 0)
    return { todo, labelled, accepted, skipped, done: labelled + accepted + skipped, forResult }
  })
}
