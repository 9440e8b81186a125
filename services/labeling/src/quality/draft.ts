import type { DataSource } from 'typeorm'

/** What a task's result would be if it were stored now, against what its answers started from. */
export interface DraftCounts {
  readonly images: number
  readonly leftOut: number
  readonly confirmed: number
  readonly changed: number
  readonly added: number
  readonly removed: number
  readonly moved: number
  readonly relabelled: number
  readonly kept: number
}

/** Of an `item`: whether its answer goes into the result. */
export const isInDraft = `item.in_result and item.state in ('LABELLED', 'ACCEPTED')`
const of = (kind: string) => `(item.difference->>'${kind}')::integer`
/** Of an `item`: whether its answer is another than what it started from; null where that is not known. */
export const isChanged = `${['added', 'removed', 'moved', 'relabelled'].map(of).join(' + ')} > 0`

export async function draftCountsOf(database: DataSource, taskId: string): Promise<DraftCounts> {
  const sumOf = (kind: string) =>
    `coalesce(sum(${of(kind)}) filter (where ${isInDraft}), 0)::integer as ${kind}`
  const [counts]: [DraftCounts] = await database.query(
    `select (count(*) filter (where ${isInDraft}))::integer as images,
            (count(*) filter (where item.in_result and not (${isInDraft})))::integer as "leftOut",
            (count(*) filter (where ${isInDraft} and not (${isChanged})))::integer as confirmed,
            (count(*) filter (where ${isInDraft} and ${isChanged}))::integer as changed,
            ${['added', 'removed', 'moved', 'relabelled', 'kept'].map(sumOf).join(', ')}
       from labelling_items as item where item.task_id = $1`,
    [taskId],
  )
  return counts
}
