import { DomainError, notFound } from '@ymir/graphql'
import type { EntityManager } from 'typeorm'
import type { Labeling } from '../context.ts'
import { changeTask } from '../task/commands.ts'
import type { LabellingTaskRow } from '../task/labelling-task.entity.ts'
import { changeState, noteProgress, requireOpen } from '../task/labelling-task.ts'
import { hasEnded } from '../task/state.ts'
import { tellVendor } from '../vendor/telling.ts'

/** Images that may be named in one go. */
export const mostNamed = 500

/** What came of reviewing many images. */
export interface Reviewed {
  readonly task: LabellingTaskRow
  /** How many images it changed. */
  readonly changedCount: number
}

/**
 * Accepts answers as they are, all at once; when nothing is left, the task is stored. What is not labelled, or accepted
 * already, stays as it is: the same again changes nothing.
 * @param itemIds null: all that are labelled
 * @throws DomainError NOT_FOUND, CONFLICT when there is something to accept in a task that is not open
 */
export async function acceptItems(
  labeling: Labeling,
  taskId: string,
  itemIds: readonly string[] | null,
): Promise<Reviewed> {
  let changedCount = 0
  const task = await changeTask(labeling, taskId, async (manager, locked) => {
    await requireItems(manager, taskId, itemIds)
    if (!(await countIn(manager, taskId, ['LABELLED'], itemIds))) return
    requireOpen(locked)
    changedCount = await review(manager, {
      ...{ taskId, itemIds, from: ['LABELLED'], to: 'ACCEPTED', comment: null },
    })
    await noteProgress(manager, labeling.bus, locked)
  })
  return { task, changedCount }
}

/**
 * Sends answers back to be given again. Of a task that has ended those that are named: it opens again, the others keep
 * their answers, and the result becomes another version. What has no answer (any more) stays as it is.
 * @param itemIds null: all that are labelled and not accepted, of an open task
 * @throws DomainError NOT_FOUND, BAD_USER_INPUT without a comment, CONFLICT when the task takes nothing back
 */
export async function sendBackItems(
  labeling: Labeling,
  taskId: string,
  itemIds: readonly string[] | null,
  comment: string,
): Promise<Reviewed> {
  const words = comment.trim()
  if (!words)
    throw new DomainError('BAD_USER_INPUT', 'say in the comment what to do better', { field: 'comment' })
  const from = itemIds ? ['LABELLED', 'ACCEPTED', 'SKIPPED'] : ['LABELLED']
  let changedCount = 0
  const task = await changeTask(labeling, taskId, async (manager, locked) => {
    await requireItems(manager, taskId, itemIds)
    if (!(await countIn(manager, taskId, from, itemIds))) return
    const reopens = hasEnded(locked.state) && locked.state !== 'CANCELLED' && itemIds !== null
    if (!reopens) requireOpen(locked)
    changedCount = await review(manager, { taskId, itemIds, from, to: 'SENT_BACK', comment: words })
    if (reopens) await changeState(manager, labeling.bus, locked, 'OPEN')
    await noteProgress(manager, labeling.bus, locked)
    if (!reopens) await tellVendor(manager, locked)
  })
  return { task, changedCount }
}

/** @throws DomainError NOT_FOUND when one is not of the task */
async function requireItems(
  manager: EntityManager,
  taskId: string,
  itemIds: readonly string[] | null,
): Promise<void> {
  if (!itemIds) return
  const [missing]: { id: string }[] = await manager.query(
    `select named.id from unnest($2::uuid[]) as named (id)
      where not exists (select from labelling_items as item where item.id = named.id and item.task_id = $1)
      limit 1`,
    [taskId, itemIds],
  )
  if (missing) throw notFound('labelling item in this task', missing.id)
}

const isAsked = `task_id = $1 and state = any($2) and ($3::uuid[] is null or id = any($3))`

async function countIn(
  manager: EntityManager,
  taskId: string,
  states: readonly string[],
  itemIds: readonly string[] | null,
): Promise<number> {
  const [{ count }]: [{ count: number }] = await manager.query(
    `select count(*)::integer as count from labelling_items where ${isAsked}`,
    [taskId, states, itemIds],
  )
  return count
}

interface BulkReview {
  readonly taskId: string
  readonly itemIds: readonly string[] | null
  readonly from: readonly string[]
  readonly to: 'ACCEPTED' | 'SENT_BACK'
  readonly comment: string | null
}

/** Of a task that is locked. @returns how many images changed */
async function review(
  manager: EntityManager,
  { taskId, itemIds, from, to, comment }: BulkReview,
): Promise<number> {
  const [{ count }]: [{ count: number }] = await manager.query(
    `with changed as (
       update labelling_items set state = $4, comment = $5 where ${isAsked} returning id, answered_by),
     noted as (
       insert into labelling_reviews (task_id, item_id, labeller, accepted)
       select $1, id, answered_by, $4 = 'ACCEPTED' from changed where answered_by is not null)
     select count(*)::integer as count from changed`,
    [taskId, from, itemIds, to, comment],
  )
  return count
}
