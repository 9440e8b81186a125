import type { DataSource } from 'typeorm'

/** What a task's result would be if it were stored now, against what its answers started from: images, then boxes. */
export interface DraftCounts {
  readonly imageCount: number
  readonly leftOutCount: number
  readonly confirmedCount: number
  readonly changedCount: number
  readonly addedCount: number
  readonly removedCount: number
  readonly movedCount: number
  readonly relabelledCount: number
  readonly keptCount: number
}

/** Of an `item`: whether its answer goes into the result. */
export const isInDraft = `item.in_result and item.state in ('LABELLED', 'ACCEPTED')`
const of = (kind: string) => `(item.difference->>'${kind}')::integer`
/** Of an `item`: whether its answer is another than what it started from; null where that is not known. */
export const isChanged = `${['added', 'removed', 'moved', 'relabelled'].map(of).join(' + ')} > 0`

export async function draftCountsOf(database: DataSource, taskId: string): Promise<DraftCounts> {
  const count = (which: string, name: string) => `(count(*) filter (where ${which}))::integer as "${name}"`
  const sumOf = (kind: string) =>
    `coalesce(sum(${of(kind)}) filter (where ${isInDraft}), 0)::integer as "${kind}Count"`
  const [counts]: [DraftCounts] = await database.query(
    `select ${count(isInDraft, 'imageCount')},
            ${count(`item.in_result and not (${isInDraft})`, 'leftOutCount')},
            ${count(`${isInDraft} and not (${isChanged})`, 'confirmedCount')},
            ${count(`${isInDraft} and ${isChanged}`, 'changedCount')},
            ${['added', 'removed', 'moved', 'relabelled', 'kept'].map(sumOf).join(', ')}
       from labelling_items as item where item.task_id = $1`,
    [taskId],
  )
  return counts
}
