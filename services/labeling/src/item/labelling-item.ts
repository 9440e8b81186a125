import { isDeepStrictEqual } from 'node:util'
import { DomainError, notFound } from '@ymir/graphql'
import { In, type EntityManager } from 'typeorm'
import type { Labeling } from '../context.ts'
import { changeCountsOf } from '../quality/changed-by-answer.ts'
import { isNotTheirsAlready } from '../quality/overlap.ts'
import type { LabellingTaskRow } from '../task/labelling-task.entity.ts'
import { lockTask, noteProgress, requireOpen } from '../task/labelling-task.ts'
import { tellVendor } from '../vendor/telling.ts'
import { checkAnnotations, type GivenAnnotation } from './annotation.ts'
import { labelled, recordAnswers, saysAlready, skipped, type Answer } from './answer.ts'
import { LabellingItemRow } from './labelling-item.entity.ts'
import { moveItem } from './state.ts'

/** How long a claimed image stays somebody's. */
export const leaseSeconds = 600

/** Images that a user may hold of a task to have the next at hand. */
export const mostHeld = 5

/** To be set on an item: $2 has it for $3 seconds. Who has it already keeps the draft, and the time of the claim. */
const claim = `state = 'CLAIMED', claimed_by = $2, claimed_until = clock_timestamp() + make_interval(secs => $3),
  draft = case when claimed_by = $2 then draft end,
  claimed_at = case when claimed_by = $2 then claimed_at else clock_timestamp() end`

/** What changed: the item and its task, as they are now. */
export interface Changed {
  readonly task: LabellingTaskRow
  readonly item: LabellingItemRow
}

/**
 * Gives a user the next image of a task that nobody has, for `leaseSeconds`. Two users never get the same: each skips
 * the rows that another is taking. Images sent back come with the others, in the order of the task.
 * @param itemId this image instead of the next: one sent back, or the user's own, whose lease begins anew
 * @returns null when no image is free
 * @throws DomainError CONFLICT when `itemId` is not free, or an automatic labeller or a vendor answers the task
 */
export async function claimItem(
  { database }: Labeling,
  task: LabellingTaskRow,
  userId: string,
  itemId: string | null = null,
): Promise<LabellingItemRow | null> {
  requirePeople(task)
  return database.transaction((manager) => claimOne(manager, task, userId, itemId))
}

async function claimOne(
  manager: EntityManager,
  task: LabellingTaskRow,
  userId: string,
  itemId: string | null,
): Promise<LabellingItemRow | null> {
  await holdClaims(manager, task, userId)
  const [claimed]: [{ id: string }[], number] = await manager.query(
    `update labelling_items
        set ${claim}
      where id = (
        select item.id from labelling_items as item join labelling_tasks as task on task.id = item.task_id
         where item.task_id = $1 and task.state = 'OPEN' and ($4::uuid is null or item.id = $4)
           and (item.state in ('WAITING', 'SENT_BACK') or item.state = 'CLAIMED' and
                (item.claimed_until <= clock_timestamp() or item.claimed_by = $2 and item.id = $4))
           and ${isNotTheirsAlready}
         order by item.position limit 1
           for update of item skip locked)
      returning id`,
    [task.id, userId, leaseSeconds, itemId],
  )
  const [found] = claimed
  if (found) return manager.findOneBy(LabellingItemRow, { id: found.id })
  if (itemId)
    throw new DomainError('CONFLICT', `labelling item ${itemId} is not free: claim the next one instead`, {
      itemId,
    })
  return null
}

/**
 * Gives a user images of a task until they hold some number of them: those that they have already, each for another
 * `leaseSeconds`, then the next that nobody has. Asked again it gives the same, so a lost answer costs nothing.
 * @param count 1 to `mostHeld`
 * @returns in the order of the task; fewer when no more are free
 * @throws DomainError CONFLICT when an automatic labeller answers the task
 */
export async function claimItems(
  { database }: Labeling,
  task: LabellingTaskRow,
  userId: string,
  count: number,
): Promise<LabellingItemRow[]> {
  requirePeople(task)
  return database.transaction(async (manager) => {
    await holdClaims(manager, task, userId)
    const take = async (which: string, most: number): Promise<string[]> => {
      const [claimed]: [{ id: string }[], number] = await manager.query(
        `update labelling_items set ${claim}
          where id in (
            select item.id from labelling_items as item join labelling_tasks as task on task.id = item.task_id
             where item.task_id = $1 and task.state = 'OPEN' and ${which}
             order by item.position limit $4 for update of item skip locked)
          returning id`,
        [task.id, userId, leaseSeconds, most],
      )
      return claimed.map(({ id }) => id)
    }
    const ids = await take(`item.state = 'CLAIMED' and item.claimed_by = $2`, count)
    const isFree = `(item.state in ('WAITING', 'SENT_BACK') or
      item.state = 'CLAIMED' and item.claimed_until <= clock_timestamp()) and ${isNotTheirsAlready}`
    // a statement does not see what it takes itself: where images come twice, each is taken by one of its own
    const atOnce = task.overlap > 0 ? 1 : count
    while (ids.length < count) {
      const added = await take(isFree, Math.min(atOnce, count - ids.length))
      if (!added.length) break
      ids.push(...added)
    }
    return manager.find(LabellingItemRow, {
      where: { id: In(ids) },
      order: { position: 'ASC' },
    })
  })
}

/** Claims of one user in a task come one after the other: each sees what the one before, or its repetition, has got. */
async function holdClaims(manager: EntityManager, { id }: LabellingTaskRow, userId: string): Promise<void> {
  await manager.query(`select pg_advisory_xact_lock(hashtext($1))`, [`claims of ${userId} in ${id}`])
}

function requirePeople({ automaticLabellerId, vendorId, name }: LabellingTaskRow): void {
  if (vendorId)
    throw new DomainError(
      'CONFLICT',
      `labelling task "${name}" is with a vendor: have it moved to people with moveTask first`,
    )
  if (automaticLabellerId)
    throw new DomainError('CONFLICT', `labelling task "${name}" is answered by an automatic labeller`)
}

/**
 * Keeps what a user drew so far on an image that they have, and lets them have it for another `leaseSeconds`. It goes
 * when the image is answered or is somebody else's.
 * @throws DomainError BAD_USER_INPUT for a wrong box or label, CONFLICT when the image is not the user's
 */
export async function saveDraft(
  labeling: Labeling,
  itemId: string,
  userId: string,
  annotations: readonly GivenAnnotation[],
): Promise<Changed> {
  return changeItem(labeling, itemId, async (manager, { task, item }) => {
    requireOpen(task)
    if (item.state !== 'CLAIMED' || item.claimedBy !== userId) throw notYours(item)
    item.draft = checkAnnotations(annotations, item, task.classes)
    item.claimedUntil = new Date(Date.now() + leaseSeconds * 1_000)
    await manager.save(item)
  })
}

/**
 * Answers an image with boxes. The same user may answer again, while the task is open and the image not accepted; the
 * same answer again changes nothing, at any time.
 * @throws DomainError BAD_USER_INPUT for a wrong box or label, CONFLICT when the image is not the user's
 */
export async function submitItem(
  labeling: Labeling,
  itemId: string,
  userId: string,
  annotations: readonly GivenAnnotation[],
): Promise<Changed> {
  return answerItem(labeling, itemId, userId, (item, task) => labelled(annotations, item, task))
}

/**
 * Answers an image with the reason why it cannot be labelled: it is left out of the result.
 * @throws DomainError as submitItem
 */
export async function skipItem(
  labeling: Labeling,
  itemId: string,
  userId: string,
  reason: string,
): Promise<Changed> {
  return answerItem(labeling, itemId, userId, () => skipped(reason))
}

function answerItem(
  labeling: Labeling,
  itemId: string,
  userId: string,
  answerOf: (item: LabellingItemRow, task: LabellingTaskRow) => Answer,
): Promise<Changed> {
  return changeItem(labeling, itemId, async (manager, { task, item }) => {
    const answer = answerOf(item, task)
    // who did not get our answer sends theirs again, when it may have been the task's last
    if (item.answeredBy === userId && saysAlready(item, answer)) return
    requireOpen(task)
    requireHolder(item, userId)
    await recordAnswers(manager, labeling.bus, task, [{ item, answer }], userId)
  })
}

/** Gives a claimed image back. @throws DomainError CONFLICT when it is not the user's */
export async function releaseItem(labeling: Labeling, itemId: string, userId: string): Promise<Changed> {
  return changeItem(labeling, itemId, async (manager, { task, item }) => {
    requireOpen(task)
    if (item.state !== 'CLAIMED' || item.claimedBy !== userId) throw notYours(item)
    moveItem(item, item.comment === null ? 'WAITING' : 'SENT_BACK')
    Object.assign(item, { claimedBy: null, claimedUntil: null, draft: null })
    await manager.save(item)
  })
}

/** What a reviewer says to an answer. */
export interface Review {
  readonly accept: boolean
  readonly comment: string | null
  /** The boxes as the reviewer corrected them; null: as they were answered. */
  readonly annotations: readonly GivenAnnotation[] | null
}

/**
 * Accepts an answer, corrected or as it is, or sends it back to be answered again. The same review again changes nothing.
 * @throws DomainError BAD_USER_INPUT when it is sent back without a comment or with corrections, or a box is wrong;
 * CONFLICT when there is no answer
 */
export async function reviewItem(labeling: Labeling, itemId: string, review: Review): Promise<Changed> {
  const { accept } = review
  const words = review.comment?.trim() || null
  if (!accept && !words)
    throw new DomainError('BAD_USER_INPUT', 'say in the comment what to do better', { field: 'comment' })
  if (!accept && review.annotations)
    throw new DomainError(
      'BAD_USER_INPUT',
      'accept what you corrected, or send it back without corrections',
      {
        field: 'annotations',
      },
    )
  return changeItem(labeling, itemId, async (manager, { task, item }) => {
    const state = accept ? 'ACCEPTED' : 'SENT_BACK'
    const annotations = review.annotations && checkAnnotations(review.annotations, item, task.classes)
    const isCorrected = annotations !== null && !isDeepStrictEqual(annotations, item.annotations)
    if (item.state === state && item.comment === words && !isCorrected) return
    requireOpen(task)
    moveItem(item, state)
    item.comment = words
    if (annotations && isCorrected) {
      item.givenAnnotations ??= item.annotations
      item.annotations = annotations
      item.difference = changeCountsOf(item, task)
    }
    await manager.save(item)
    if (item.answeredBy)
      await manager.query(
        `insert into labelling_reviews (task_id, item_id, labeller, accepted) values ($1, $2, $3, $4)`,
        [task.id, item.id, item.answeredBy, accept && !isCorrected],
      )
    await noteProgress(manager, labeling.bus, task)
    if (!accept) await tellVendor(manager, task)
  })
}

/** A change of one item; one at a time for each task, so that the last answer is seen as the last. */
async function changeItem(
  { database }: Labeling,
  itemId: string,
  change: (manager: EntityManager, locked: Changed) => Promise<void>,
): Promise<Changed> {
  return database.transaction(async (manager) => {
    const { taskId } = await findItem(manager, itemId)
    const task = await lockTask(manager, taskId)
    if (!task) throw notFound('labelling item', itemId)
    const item = await findItem(manager, itemId, 'locked')
    await change(manager, { task, item })
    return { task, item }
  })
}

async function findItem(manager: EntityManager, id: string, locked?: 'locked'): Promise<LabellingItemRow> {
  const lock = locked && ({ mode: 'pessimistic_write' } as const)
  const item = await manager.findOne(LabellingItemRow, { where: { id }, ...(lock && { lock }) })
  if (!item) throw notFound('labelling item', id)
  return item
}

/** @throws DomainError CONFLICT unless the user holds the image, or answered it */
function requireHolder(item: LabellingItemRow, userId: string): void {
  if (item.state === 'ACCEPTED')
    throw new DomainError('CONFLICT', `labelling item ${item.id} was accepted: it does not change any more`)
  const isAnswered = item.state === 'LABELLED' || item.state === 'SKIPPED'
  if (isAnswered && item.answeredBy === userId) return
  // also when the time is over: as long as nobody else has claimed it, the work counts
  if (item.state !== 'CLAIMED' || item.claimedBy !== userId) throw notYours(item)
}

function notYours({ id, state }: LabellingItemRow): DomainError {
  return new DomainError('CONFLICT', `labelling item ${id} is ${state}, and not yours: claim one first`, {
    itemId: id,
    state,
  })
}
