import { setImmediate } from 'node:timers/promises'
import type { DataSource } from 'typeorm'
import type { Annotation } from '../item/annotation.ts'
import { labellersOf } from '../task/labellers.resolver.ts'
import {
  addAgreements,
  addTallies,
  agreementOf,
  compareWithKnown,
  emptyAgreement,
  emptyTally,
  type Agreement,
  type Tally,
} from './known-answers.ts'

/** Of more images than this the newest answers are measured: enough for any share to be true to a percent or two. */
const measuredAtMost = 2_000
/** Pairs of boxes: some seconds of work, whatever somebody has put into their answers. */
const comparedAtMost = 50_000_000
const readAtOnce = 50

/** How good somebody's answers are. */
export interface Report {
  /** Exactly one of the two is there. */
  readonly userId: string | null
  readonly vendorId: string | null
  /** Images whose newest answer is theirs, skipped ones included. */
  readonly answeredCount: number
  readonly skippedCount: number
  readonly boxCount: number
  readonly secondsPerImage: number | null
  readonly gold: Tally
  readonly overlap: Agreement
}

/** What is measured: a task, or all that a vendor answered. */
export type Scope = { readonly taskId: string } | { readonly vendorId: string }

/** Of everybody who answered, most answers first; as they answered, not as a reviewer corrected it. */
export async function reportsOf(database: DataSource, scope: Scope): Promise<Report[]> {
  const [counts, gold, overlap] = await Promise.all([
    countsOf(database, scope),
    goldOf(database, scope),
    overlapOf(database, scope),
  ])
  return counts.map(({ labeller, isVendor, ...count }) => ({
    userId: isVendor ? null : labeller,
    vendorId: isVendor ? labeller : null,
    ...count,
    gold: gold.get(labeller) ?? emptyTally,
    overlap: overlap.get(labeller) ?? emptyAgreement,
  }))
}

interface Counts extends Pick<Report, 'answeredCount' | 'skippedCount' | 'boxCount' | 'secondsPerImage'> {
  /** Id of the user or the vendor. */
  readonly labeller: string
  readonly isVendor: boolean
}

/** Who gave the newest answer; null: the automatic labeller. */
const labeller = (item: string) => `coalesce(${item}.answered_by, ${item}.answered_by_vendor::text)`
const isInScope = (scope: Scope, item: string) =>
  'taskId' in scope ? `${item}.task_id = $1` : `${item}.answered_by_vendor = $1`
const idOf = (scope: Scope) => ('taskId' in scope ? scope.taskId : scope.vendorId)
const given = (item: string) => `coalesce(${item}.given_annotations, ${item}.annotations)`

async function countsOf(database: DataSource, scope: Scope): Promise<Counts[]> {
  // a vendor claims nothing and works on many images at once: unless it says how long they took, its pace is that of the whole
  const counts: Counts[] = await database.query(
    `select ${labeller('item')} as labeller, bool_or(item.answered_by is null) as "isVendor",
            count(*)::integer as "answeredCount",
            (count(*) filter (where item.skip_reason is not null))::integer as "skippedCount",
            (coalesce(sum(jsonb_array_length(${given('item')})) filter (where item.skip_reason is null), 0))::integer
              as "boxCount",
            case when bool_or(item.answered_by is null) then coalesce(
              percentile_cont(0.5) within group (order by item.answer_seconds),
              extract(epoch from max(item.answered_at) - min(task.created_at))::float8 / count(*))
            end as "secondsPerImage"
       from labelling_items as item join labelling_tasks as task on task.id = item.task_id
      where ${isInScope(scope, 'item')} and ${labeller('item')} is not null
      group by 1 order by "answeredCount" desc, labeller`,
    [idOf(scope)],
  )
  if (!('taskId' in scope)) return counts
  const people = (await labellersOf(database, [scope.taskId]))[0] ?? []
  const pace = new Map(people.map(({ user, secondsPerImage }) => [user?.id, secondsPerImage]))
  return counts.map((one) => ({
    ...one,
    secondsPerImage: one.isVendor ? one.secondsPerImage : (pace.get(one.labeller) ?? null),
  }))
}

interface GoldRow {
  readonly labeller: string
  readonly known: readonly Annotation[]
  readonly given: readonly Annotation[]
}

/** Who skipped a gold image missed all that is in it: it can be labelled. */
async function goldOf(database: DataSource, scope: Scope): Promise<Map<string, Tally>> {
  const tallies = new Map<string, Tally>()
  const rows = pagesOf<GoldRow>(
    database,
    `select ${labeller('item')} as labeller, item.known_annotations as known,
            case when item.skip_reason is null then ${given('item')} else '[]' end as given
       from labelling_items as item
      where ${isInScope(scope, 'item')} and item.known_annotations is not null and ${labeller('item')} is not null
      order by item.answered_at desc, item.id`,
    idOf(scope),
  )
  for await (const row of withinBudget(rows, (one) => [one.known, one.given])) {
    const tally = compareWithKnown(row.known, row.given)
    tallies.set(row.labeller, addTallies(tallies.get(row.labeller) ?? emptyTally, tally))
  }
  return tallies
}

interface OverlapRow {
  readonly labeller: string
  readonly other: string
  readonly given: readonly Annotation[]
  readonly otherGiven: readonly Annotation[]
}

async function overlapOf(database: DataSource, scope: Scope): Promise<Map<string, Agreement>> {
  const agreements = new Map<string, Agreement>()
  const rows = pagesOf<OverlapRow>(
    database,
    `select ${labeller('second')} as labeller, ${labeller('first')} as other,
            ${given('second')} as given, ${given('first')} as "otherGiven"
       from labelling_items as second
       join labelling_items as first
         on first.task_id = second.task_id and first.asset_id = second.asset_id and first.in_result
      where (${isInScope(scope, 'second')} or ${isInScope(scope, 'first')})
        and not second.in_result and second.known_annotations is null
        and ${labeller('first')} is not null and ${labeller('second')} is not null
        and first.skip_reason is null and second.skip_reason is null
      order by greatest(first.answered_at, second.answered_at) desc, second.id`,
    idOf(scope),
  )
  for await (const row of withinBudget(rows, (one) => [one.given, one.otherGiven])) {
    const agreement = agreementOf(row.given, row.otherGiven)
    for (const who of new Set([row.labeller, row.other]))
      agreements.set(who, addAgreements(agreements.get(who) ?? emptyAgreement, agreement))
  }
  return agreements
}

/** Stops when comparing takes too much; others get their turn between rows. */
async function* withinBudget<Row>(
  rows: AsyncIterable<Row>,
  comparedOf: (row: Row) => readonly [readonly Annotation[], readonly Annotation[]],
): AsyncGenerator<Row> {
  let left = comparedAtMost
  for await (const row of rows) {
    const [ones, others] = comparedOf(row)
    left -= ones.length * others.length
    if (left < 0) return
    yield row
    await setImmediate()
  }
}

/** Rows of a query with an order, up to `measuredAtMost`; some at a time, for each may have thousands of boxes. */
async function* pagesOf<Row>(database: DataSource, query: string, id: string): AsyncGenerator<Row> {
  for (let offset = 0; offset < measuredAtMost; offset += readAtOnce) {
    const rows: Row[] = await database.query(`${query} limit ${readAtOnce} offset ${offset}`, [id])
    yield* rows
    if (rows.length < readAtOnce) return
  }
}
