import { isDeepStrictEqual } from 'node:util'
import type { Bus } from '@ymir/bus'
import { DomainError } from '@ymir/graphql'
import type { EntityManager } from 'typeorm'
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js'
import { changeCountsOf } from '../quality/changed-by-answer.ts'
import type { LabellingTaskRow } from '../task/labelling-task.entity.ts'
import { noteProgress } from '../task/labelling-task.ts'
import { checkAnnotations, type Annotation, type GivenAnnotation } from './annotation.ts'
import { LabellingItemRow } from './labelling-item.entity.ts'
import { moveItem } from './state.ts'

/** What a labeller says to an image; made by `labelled` and `skipped`, which check it. */
export type Answer =
  | { readonly state: 'LABELLED'; readonly annotations: readonly Annotation[] }
  | { readonly state: 'SKIPPED'; readonly skipReason: string }

/** An answer to an item. */
export interface Answered {
  readonly item: LabellingItemRow
  readonly answer: Answer
  /** How long it took, where a vendor says so. */
  readonly seconds?: number | null
}

/** @throws DomainError BAD_USER_INPUT when a box or label is wrong */
export function labelled(
  annotations: readonly GivenAnnotation[],
  item: Pick<LabellingItemRow, 'width' | 'height'>,
  task: Pick<LabellingTaskRow, 'classes'>,
): Answer {
  return { state: 'LABELLED', annotations: checkAnnotations(annotations, item, task.classes) }
}

/** @throws DomainError BAD_USER_INPUT without a reason */
export function skipped(reason: string): Answer {
  const skipReason = reason.trim()
  if (!skipReason)
    throw new DomainError('BAD_USER_INPUT', 'say why the image is skipped', { field: 'reason' })
  return { state: 'SKIPPED', skipReason }
}

/** Whether this is the answer that the item has. */
export function saysAlready(item: LabellingItemRow, answer: Answer): boolean {
  if (answer.state === 'SKIPPED') return item.state === 'SKIPPED' && item.skipReason === answer.skipReason
  const isLabelled = item.state === 'LABELLED' || item.state === 'ACCEPTED'
  return isLabelled && isDeepStrictEqual(item.annotations, answer.annotations)
}

/**
 * Records answers to items of one open task, both locked by the caller; says the progress once and has the task stored when
 * nothing is left. People and automatic labellers come through here alike.
 * @param by the user; null for an automatic labeller or the task's vendor
 * @throws DomainError CONFLICT when an item cannot be answered
 */
export async function recordAnswers(
  manager: EntityManager,
  bus: Bus,
  task: LabellingTaskRow,
  answers: readonly Answered[],
  by: string | null,
): Promise<void> {
  const answeredAt = new Date()
  const answeredByVendor = by === null ? task.vendorId : null
  for (const { item, answer, seconds: answerSeconds = null } of answers) {
    moveItem(item, answer.state)
    if (!item.answeredAt) item.startAnnotations = item.annotations
    const claim = { claimedBy: null, claimedUntil: null, draft: null }
    const who = { answeredBy: by, answeredByVendor, answeredAt, answerSeconds, givenAnnotations: null }
    Object.assign(item, { skipReason: null, ...answer, ...claim, ...who })
    item.difference = answer.state === 'LABELLED' ? changeCountsOf(item, task) : null
  }
  await saveItems(
    manager,
    answers.map(({ item }) => item),
  )
  await noteProgress(manager, bus, task)
}

/** Items that are there, in one statement. */
async function saveItems(manager: EntityManager, items: LabellingItemRow[]): Promise<void> {
  // TypeORM's type for values loses itself in arrays inside of jsonb
  const rows = items as unknown as QueryDeepPartialEntity<LabellingItemRow>[]
  if (rows.length) await manager.upsert(LabellingItemRow, rows, ['id'])
}
