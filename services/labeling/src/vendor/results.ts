import { createHash } from 'node:crypto'
import { DomainError, notFound } from '@ymir/graphql'
import { isUUID } from 'class-validator'
import { In, IsNull } from 'typeorm'
import type { Labeling } from '../context.ts'
import type { GivenAnnotation } from '../item/annotation.ts'
import { labelled, recordAnswers, skipped, type Answer, type Answered } from '../item/answer.ts'
import { LabellingItemRow } from '../item/labelling-item.entity.ts'
import { moveItem } from '../item/state.ts'
import type { LabellingTaskRow } from '../task/labelling-task.entity.ts'
import { lockTask } from '../task/labelling-task.ts'
import { VendorRow } from './vendor.entity.ts'

/** Results that may come in one go. */
export const mostResults = 500

/** A day: no image takes longer. */
export const mostSeconds = 86_400

/** What a vendor found in one image. */
export interface VendorResult {
  readonly itemId: string
  /** Which answer to the image it is: 0 the first, one more for each that replaces an earlier one. */
  readonly revision: number
  /** Null: it is skipped. */
  readonly annotations: readonly GivenAnnotation[] | null
  readonly skipReason: string | null
  /** How long this answer took, 0 to `mostSeconds`; null: the vendor does not say. */
  readonly seconds: number | null
}

export interface VendorOutcome {
  readonly itemId: string
  /** ALREADY: this result, or a later revision, was recorded before. */
  readonly outcome: 'RECORDED' | 'ALREADY' | 'REFUSED'
  /** Why it was refused, and what to do. */
  readonly problem: string | null
}

/**
 * Records what a vendor found, each image by itself: what is wrong with one does not hold up the others. Safe to repeat,
 * and in any order: for each image the highest revision counts, once.
 * @throws DomainError NOT_FOUND when the task is not this vendor's, BAD_USER_INPUT for too many results
 */
export async function recordResults(
  { database, bus }: Labeling,
  vendorId: string,
  taskId: string,
  results: readonly VendorResult[],
): Promise<{ task: LabellingTaskRow; outcomes: VendorOutcome[] }> {
  if (results.length > mostResults)
    throw new DomainError(
      'BAD_USER_INPUT',
      `${results.length} results are more than ${mostResults}: send them in parts`,
      { field: 'results' },
    )
  return database.transaction(async (manager) => {
    const task = isUUID(taskId) ? await lockTask(manager, taskId) : undefined
    // a closed one may have sent them before it was, over NATS
    const isOpen = await manager.existsBy(VendorRow, { id: vendorId, closedAt: IsNull() })
    if (task?.vendorId !== vendorId || !isOpen) throw notFound('labelling task of yours', taskId)
    const ids = results.map(({ itemId }) => itemId).filter((id) => isUUID(id))
    const items = await manager.find(LabellingItemRow, {
      where: { taskId, id: In(ids) },
      lock: { mode: 'pessimistic_write' },
    })
    const byId = new Map(items.map((item) => [item.id, item]))
    const recorded = new Map<LabellingItemRow, Answered>() // of several answers to an image the last one
    const take = (result: VendorResult): VendorOutcome => {
      const item = byId.get(result.itemId)
      if (!item) throw notFound('labelling item in this task', result.itemId)
      const answer = takeResult(result, item, task)
      if (answer) recorded.set(item, { item, answer, seconds: result.seconds })
      return { itemId: item.id, outcome: answer ? 'RECORDED' : 'ALREADY', problem: null }
    }
    const outcomes = results.map((result) => orRefused(result, take))
    if (recorded.size) {
      Object.assign(task, { waitingSince: new Date(), stuckSince: null })
      await manager.save(task)
      await recordAnswers(manager, bus, task, [...recorded.values()], null)
    }
    return { task, outcomes }
  })
}

function orRefused(result: VendorResult, take: (result: VendorResult) => VendorOutcome): VendorOutcome {
  try {
    return take(result)
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    return { itemId: result.itemId, outcome: 'REFUSED', problem: error.message }
  }
}

/** @returns the answer to record; undefined when it, or a later one, was recorded before. @throws DomainError */
function takeResult(
  result: VendorResult,
  item: LabellingItemRow,
  task: LabellingTaskRow,
): Answer | undefined {
  const digest = digestOf(result)
  const { revision } = result
  if (revision < 0) throw new DomainError('BAD_USER_INPUT', `revision ${revision} is below 0`)
  const known = item.vendorRevision ?? -1
  if (revision < known || (revision === known && digest === item.vendorAnswer)) return undefined
  if (revision === known)
    throw conflict(
      `revision ${revision} of image ${item.id} was another answer: send your change as revision ${known + 1}`,
    )
  if (task.state !== 'OPEN')
    throw conflict(`labelling task "${task.name}" is ${task.state}: it takes no results`)
  if (item.state === 'ACCEPTED') throw conflict(`image ${item.id} was accepted: it does not change any more`)
  const { seconds } = result
  if (seconds !== null && !(seconds >= 0 && seconds <= mostSeconds))
    throw new DomainError(
      'BAD_USER_INPUT',
      `seconds ${seconds} is not 0 to ${mostSeconds}: say how long the answer took, or leave it out`,
    )
  const answer = result.annotations
    ? labelled(result.annotations, item, task)
    : skipped((result.skipReason ?? '').replaceAll('\0', ''))
  if (item.state === 'WAITING' || item.state === 'SENT_BACK') moveItem(item, 'CLAIMED')
  Object.assign(item, { vendorRevision: revision, vendorAnswer: digest })
  return answer
}

function conflict(message: string): DomainError {
  return new DomainError('CONFLICT', message)
}

/** Tells one answer from another, as they came: their boxes or reason, not how long they took. */
export function digestOf({
  annotations,
  skipReason,
}: Pick<VendorResult, 'annotations' | 'skipReason'>): string {
  const boxes = annotations?.map(({ label, box, rotation, difficult, truncated, crowd }) => [
    ...[label, box.x, box.y, box.width, box.height, difficult, truncated, crowd],
    ...(rotation ? [rotation] : []), // as it was before boxes could be turned: digests are kept
  ])
  return createHash('sha256')
    .update(JSON.stringify([boxes ?? null, skipReason]))
    .digest('hex')
}
