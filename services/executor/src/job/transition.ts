import type { Bus } from '@ymir/bus'
import { JobRetriedSchema, JobStateChangedSchema } from '@ymir/proto-events'
import type { EntityManager } from 'typeorm'
import type { JobFailure } from './failure.ts'
import { isTerminal, transitions, type JobRequest, type JobResult, type JobState } from './job.ts'
import { Job } from './job.entity.ts'

export type Emit = Pick<Bus, 'emit'>

/** A state and what comes with it. */
export type Move =
  | { readonly to: 'PREPARING'; readonly slots: readonly string[] }
  /** Again, after the loss of its machine; `stage` is where it goes on. */
  | { readonly to: 'QUEUED'; readonly stage?: JobRequest['stage'] }
  | { readonly to: 'RUNNING' | 'COLLECTING' | 'CANCELLED' }
  | { readonly to: 'SUCCEEDED'; readonly result: JobResult }
  | { readonly to: 'FAILED'; readonly failure: JobFailure }

/**
 * Moves a job to another state, under a lock on its row, and says so in the same transaction: the only place where a
 * job's state changes.
 * @returns the job as it is now, or undefined when its state does not allow the move (it was cancelled meanwhile)
 */
export async function moveJob(
  manager: EntityManager,
  bus: Emit,
  jobId: string,
  move: Move,
): Promise<Job | undefined> {
  return manager.transaction(async (transaction) => {
    const jobs = transaction.getRepository(Job)
    const job = await jobs.findOne({ where: { id: jobId }, lock: { mode: 'pessimistic_write' } })
    if (!job || !transitions[job.state].includes(move.to)) return undefined
    const { state: from } = job
    Object.assign(job, changesOf(move, job))
    await jobs.save(job)
    await sayStateChanged(transaction, bus, job, from)
    return job
  })
}

/**
 * Puts a new job into the queue; a job of this id that is already there stays as it is. Who waits for the job that it
 * tries again is told first, and so waits for this one when it hears of it.
 */
export async function enqueueJob(manager: EntityManager, bus: Emit, job: NewJob): Promise<Job | undefined> {
  return manager.transaction(async (transaction) => {
    const row = { ...job, ...untouched, state: 'QUEUED', queuedAt: new Date() }
    const inserted = await transaction
      .createQueryBuilder()
      .insert()
      .into(Job)
      .values(row as object) // TypeORM's type of a row cannot say that a JSON column holds anything
      .orIgnore()
      .returning('id')
      .execute()
    // TypeORM types the rows that it returns as any
    if ((inserted.raw as unknown[]).length === 0) return undefined
    const queued = await transaction.getRepository(Job).findOneByOrFail({ id: job.id })
    if (queued.retryOfId) await sayRetried(transaction, bus, queued, queued.retryOfId)
    await sayStateChanged(transaction, bus, queued, '')
    return queued
  })
}

export type NewJob = Pick<
  Job,
  'id' | 'projectId' | 'executorImageId' | 'kinds' | 'request' | 'gpuCount' | 'priority' | 'actorId'
> &
  Partial<Pick<Job, 'retryOfId' | 'imageDigest'>>

const untouched = {
  slots: [],
  attempt: 1,
  progress: 0,
  cancelRequested: false,
  logOffset: 0,
  scalarOffsets: {},
} satisfies Partial<Job>

function changesOf(move: Move, job: Job): Partial<Job> {
  const changes: Partial<Job> = { state: move.to }
  if (isTerminal(move.to)) changes.finishedAt = new Date()
  if (move.to === 'PREPARING')
    return { ...changes, slots: [...move.slots], startedAt: job.startedAt ?? new Date() }
  if (move.to === 'QUEUED')
    return {
      ...changes,
      ...{ slots: [], startedAt: null, scalarOffsets: {}, attempt: job.attempt + 1 },
      request: move.stage ? { ...job.request, stage: move.stage } : job.request,
    }
  if (move.to === 'SUCCEEDED') return { ...changes, result: move.result, progress: 1 }
  if (move.to === 'FAILED') return { ...changes, failure: move.failure }
  return changes
}

async function sayRetried(manager: EntityManager, bus: Emit, job: Job, retryOfJobId: string): Promise<void> {
  const { id: jobId, projectId, kinds, request, actorId } = job
  const parametersJson = JSON.stringify(request.parameters)
  await bus.emit(manager, JobRetriedSchema, {
    ...{ projectId, jobId, retryOfJobId, kinds, parametersJson, actorId },
  })
}

async function sayStateChanged(
  manager: EntityManager,
  bus: Emit,
  job: Job,
  from: JobState | '',
): Promise<void> {
  const { id: jobId, projectId, kinds, state: to, attempt, failure, result, imageDigest } = job
  await bus.emit(manager, JobStateChangedSchema, {
    projectId,
    jobId,
    kinds,
    from,
    to,
    attempt,
    failure: failure ? { ...failure } : undefined,
    result: result
      ? {
          bestStageName: result.bestStageName ?? '',
          scores: result.scores && blob(result.scores),
          details: result.details && blob(result.details),
          predictions: result.predictions && blob(result.predictions),
        }
      : undefined,
    imageDigest: imageDigest ?? '',
  })
}

function blob({ sha256, size }: { sha256: string; size: number }) {
  return { sha256, size: BigInt(size) }
}
