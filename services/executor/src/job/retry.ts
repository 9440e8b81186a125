import { randomUUID } from 'node:crypto'
import { DomainError } from '@ymir/graphql'
import type { EntityManager } from 'typeorm'
import { ExecutorImage } from '../image/image.entity.ts'
import { descriptionOf, revisionFor } from '../image/revision.ts'
import type { Dispatcher } from '../queue/dispatcher.ts'
import { Job } from './job.entity.ts'
import { problemOfJob } from './job.events.ts'
import { stageToGoOnFrom } from './resume.ts'
import { enqueueJob, type Emit } from './transition.ts'

export interface Retry {
  /** Over those of the job. */
  readonly parameters: Readonly<Record<string, unknown>>
  /** Whether a training goes on from the last stage that the job saved. */
  readonly fromLastStage: boolean
  readonly actorId: string
}

/**
 * Tries a job again that failed or was cancelled: a new job in its place, for which waits whatever waited for the old
 * one.
 * @throws DomainError CONFLICT when it has not failed, was tried again already, or cannot run or go on
 */
export async function retryJob(
  manager: EntityManager,
  bus: Emit,
  dispatcher: Dispatcher,
  old: Job,
  { parameters, fromLastStage, actorId }: Retry,
): Promise<Job> {
  const conflict = (message: string) => new DomainError('CONFLICT', message, { id: old.id })
  if (old.state !== 'FAILED' && old.state !== 'CANCELLED')
    throw conflict(`job ${old.id} is ${old.state}: only one that failed or was cancelled can be tried again`)
  const problem = await problemOfJob(old, dispatcher, manager)
  if (problem) throw conflict(`${problem.message}. ${problem.advice}`)

  return manager.transaction(async (transaction) => {
    const jobs = transaction.getRepository(Job)
    await jobs.findOneOrFail({ where: { id: old.id }, lock: { mode: 'pessimistic_write' } }) // one retry at a time
    const later = await jobs.findOneBy({ retryOfId: old.id })
    if (later) throw conflict(`job ${old.id} was tried again as job ${later.id}: try that one again`)
    const stage = fromLastStage ? await lastStageOf(transaction, old, conflict) : old.request.stage
    const request = { ...old.request, stage, parameters: { ...old.request.parameters, ...parameters } }
    const { projectId, executorImageId, imageDigest, kinds, gpuCount, priority } = old
    const asBefore = { projectId, executorImageId, imageDigest, kinds, gpuCount, priority }
    const job = { ...asBefore, id: randomUUID(), request, retryOfId: old.id, actorId }
    const queued = await enqueueJob(transaction, bus, job)
    if (!queued) throw new Error(`job ${job.id} is there already, though its id is new`)
    return queued
  })
}

async function lastStageOf(manager: EntityManager, job: Job, conflict: (message: string) => DomainError) {
  const image = await manager.findOneByOrFail(ExecutorImage, { id: job.executorImageId }) // it was just checked
  const stage = await stageToGoOnFrom(manager, job, descriptionOf(await revisionFor(manager, job, image)))
  if (stage) return stage
  throw conflict(
    `job ${job.id} cannot go on from a stage: it saved none, or its image does not go on from one ` +
      '(no pretrained_model_params in its training template); try it again from its start',
  )
}
