import { randomInt, randomUUID } from 'node:crypto'
import type { Bus } from '@ymir/bus'
import { DomainError } from '@ymir/graphql'
import { LabellingTaskProgressedSchema, LabellingTaskStateChangedSchema } from '@ymir/proto-events'
import type { EntityManager } from 'typeorm'
import { sayAssigned } from '../vendor/assigned.ts'
import { tellVendor } from '../vendor/telling.ts'
import { countItems, type ItemCounts } from './counts.ts'
import { LabellingTaskRow, type PreAnnotations } from './labelling-task.entity.ts'
import { hasEnded, mayBecome, type LabellingTaskState } from './state.ts'

/** A day: a vendor that has sent nothing for as long is reported. */
export const usualStuckAfterSeconds = 86_400

export interface LabellingTaskRequest {
  readonly id: string
  readonly projectId: string
  readonly name: string
  readonly versionId: string
  readonly classes: readonly string[]
  readonly keepAnnotations: boolean
  readonly review: boolean
  readonly automaticLabellerId: string | null
  readonly vendorId: string | null
  readonly stuckAfterSeconds: number
  readonly predictions: PreAnnotations | null
  readonly actorId: string
  /** How the answers are checked; left out: they are not. */
  readonly checks?: Checks
}

/** What tells how good answers are. */
export interface Checks extends Pick<LabellingTaskRow, 'goldVersionId' | 'overlap'> {
  /** Gold images to be mixed in, at most. */
  readonly goldCount: number
}

const noChecks: Checks = { goldVersionId: null, goldCount: 0, overlap: 0 }
const seeds = 2 ** 48 - 1 // as many as randomInt gives

/** Records a task, in the caller's transaction; its items appear when Opening has read the version. */
export async function openTask(
  manager: EntityManager,
  bus: Bus,
  { actorId, classes, checks = noChecks, ...request }: LabellingTaskRequest,
): Promise<LabellingTaskRow> {
  const task = await manager.save(
    manager.create(LabellingTaskRow, {
      ...request,
      ...checks,
      mixingSeed: String(randomInt(seeds)),
      classes: [...new Set(classes)],
      state: 'OPEN',
      problem: null,
      itemCount: null,
      resultVersionId: null,
      resultRequested: false,
      createdBy: actorId,
      finishedAt: null,
      waitingSince: null,
      stuckSince: null,
    }),
  )
  await sayState(manager, bus, task)
  if (task.vendorId) await sayAssigned(manager, bus, task, { previous: null, actorId })
  return task
}

/** The task, locked until the transaction ends: its items change one transaction at a time. Undefined when there is none. */
export async function lockTask(manager: EntityManager, id: string): Promise<LabellingTaskRow | undefined> {
  const task = await manager.findOne(LabellingTaskRow, { where: { id }, lock: { mode: 'pessimistic_write' } })
  return task ?? undefined
}

/** @throws DomainError CONFLICT when the task takes no answers now */
export function requireOpen(task: LabellingTaskRow): void {
  if (task.state === 'OPEN') return
  const remedy =
    task.state === 'SUCCEEDED' || task.state === 'FAILED' ? ': send it back with sendBackTask first' : ''
  throw new DomainError('CONFLICT', `labelling task "${task.name}" is ${task.state}${remedy}`, {
    taskId: task.id,
    state: task.state,
  })
}

/** What comes with a change of a task's state. */
interface Change extends Partial<Pick<LabellingTaskRow, 'problem' | 'resultVersionId' | 'resultRequested'>> {
  /** Of the result, to be said with SUCCEEDED. */
  readonly assetCount?: bigint
}

/**
 * Moves a task on and says so; every change of a state goes through here.
 * @throws DomainError CONFLICT when the task cannot go there from where it is
 */
export async function changeState(
  manager: EntityManager,
  bus: Bus,
  task: LabellingTaskRow,
  state: LabellingTaskState,
  { assetCount, ...change }: Change = {},
): Promise<void> {
  if (!mayBecome(task.state, state))
    throw new DomainError(
      'CONFLICT',
      `labelling task "${task.name}" is ${task.state}: it cannot be ${state}`,
      {
        taskId: task.id,
        state: task.state,
      },
    )
  const finishedAt = hasEnded(state) ? new Date() : null
  Object.assign(task, { problem: null, ...change, state, finishedAt })
  await manager.save(task)
  await sayState(manager, bus, task, assetCount)
  await tellVendor(manager, task)
}

async function sayState(
  manager: EntityManager,
  bus: Bus,
  task: LabellingTaskRow,
  assetCount = 0n,
): Promise<void> {
  await bus.emit(manager, LabellingTaskStateChangedSchema, {
    projectId: task.projectId,
    labellingTaskId: task.id,
    state: task.state,
    versionId: task.state === 'SUCCEEDED' ? (task.resultVersionId ?? '') : '',
    problem: task.problem ?? '',
    assetCount,
    sourceVersionId: task.versionId,
  })
}

/** Says how far a task is and, when nothing is left to do, has its result stored. */
export async function noteProgress(manager: EntityManager, bus: Bus, task: LabellingTaskRow): Promise<void> {
  const counts = await countItems(manager, task.id)
  await bus.emit(manager, LabellingTaskProgressedSchema, {
    projectId: task.projectId,
    labellingTaskId: task.id,
    itemCount: BigInt(task.itemCount ?? 0),
    doneCount: BigInt(counts.done),
  })
  if (task.state === 'OPEN' && isFinished(task, counts)) await storeResult(manager, bus, task, counts)
}

function isFinished({ review }: LabellingTaskRow, { todo, labelled }: ItemCounts): boolean {
  return todo === 0 && (!review || labelled === 0)
}

/** Closes a task: what is labelled becomes a dataset version (by Storing, after the commit). */
export async function storeResult(
  manager: EntityManager,
  bus: Bus,
  task: LabellingTaskRow,
  { forResult }: ItemCounts,
): Promise<void> {
  if (forResult === 0) {
    const problem =
      'every image was skipped, so there is nothing to store: send the task back, or make another'
    return changeState(manager, bus, task, 'FAILED', { problem })
  }
  await changeState(manager, bus, task, 'STORING', { resultVersionId: randomUUID(), resultRequested: false })
}
