import type { Bus } from '@ymir/bus'
import { DomainError, notFound } from '@ymir/graphql'
import { JobMovedSchema } from '@ymir/proto-events'
import type { DataSource, EntityManager } from 'typeorm'
import { z } from 'zod'
import { Job } from '../job/job.entity.ts'
import { rankOf, turnsOf } from './queue.ts'

/** Who moves jobs. */
export interface Mover {
  readonly actorId: string
  readonly isAdministrator: boolean
}

interface Parts {
  readonly database: DataSource
  readonly bus: Pick<Bus, 'emit'>
}

/**
 * Puts a waiting job right before another one: it takes that one's priority and the turns of its project. Where it is
 * there already, nothing changes.
 * @throws DomainError NOT_FOUND, CONFLICT when one of them does not wait any more, FORBIDDEN when the place is not for
 * jobs of its project and priority and the mover is no administrator
 */
export async function moveBefore(
  { database, bus }: Parts,
  { id, beforeId }: { readonly id: string; readonly beforeId: string },
  mover: Mover,
): Promise<Job> {
  if (id === beforeId) throw new DomainError('BAD_USER_INPUT', `job ${id} cannot go before itself`)
  return movingOne(database, async (manager) => {
    const found = await lockJobs(manager, [id, beforeId])
    const [job, before] = [found(id), found(beforeId)]
    if (!mover.isAdministrator) requireOwnTurn(job, before)
    for (const one of [job, before]) requireWaiting(one)
    const ahead = await lastAhead(manager, job, before)
    if (isRightBefore(job, before, ahead)) return job
    const rank = between(ahead && rankOf(ahead), rankOf(before)) ?? (await makeRoom(manager, job, before))
    const turnOf = turnsOf(before) === job.projectId ? null : turnsOf(before)
    await manager.getRepository(Job).update(id, { rank, turnOf, priority: before.priority })
    return sayMoved(manager, bus, id, { beforeJobId: beforeId, actorId: mover.actorId })
  })
}

/**
 * Sets the priority of a waiting job.
 * @throws DomainError NOT_FOUND, CONFLICT when it does not wait any more
 */
export async function setPriority(
  { database, bus }: Parts,
  { id, priority }: { readonly id: string; readonly priority: number },
  { actorId }: Mover,
): Promise<Job> {
  return movingOne(database, async (manager) => {
    const job = (await lockJobs(manager, [id]))(id)
    requireWaiting(job)
    if (job.priority === priority) return job
    await manager.getRepository(Job).update(id, { priority })
    return sayMoved(manager, bus, id, { actorId })
  })
}

/** One move at a time, so that no two take the same place. */
async function movingOne(database: DataSource, move: (manager: EntityManager) => Promise<Job>): Promise<Job> {
  return database.transaction(async (manager) => {
    await manager.query(`select pg_advisory_xact_lock(hashtext(current_schema() || ' queue'))`)
    return move(manager)
  })
}

/** Locks the rows, so that they do not leave the queue meanwhile. */
async function lockJobs(manager: EntityManager, ids: readonly string[]): Promise<(id: string) => Job> {
  const jobs = await manager
    .getRepository(Job)
    .createQueryBuilder('job')
    .setLock('pessimistic_write')
    .whereInIds(ids.filter((id) => z.guid().safeParse(id).success))
    .orderBy('job.serial')
    .getMany()
  return (id) => {
    const job = jobs.find((one) => one.id === id)
    if (!job) throw notFound('job', id)
    return job
  }
}

function requireOwnTurn(job: Job, before: Job): void {
  const isOwn = [before.projectId, turnsOf(before)].every((project) => project === job.projectId)
  if (isOwn && job.priority === before.priority) return
  const difference = isOwn
    ? `its priority is ${before.priority}, that of job ${job.id} ${job.priority}`
    : 'it takes the turns of another project'
  throw new DomainError(
    'FORBIDDEN',
    `only administrators may put job ${job.id} before job ${before.id}: ${difference}`,
    { id: job.id, before: before.id },
  )
}

function requireWaiting({ id, state }: Job): void {
  if (state === 'QUEUED') return
  const message = `job ${id} is ${state}: only a job that is QUEUED has a place in the queue`
  throw new DomainError('CONFLICT', message, { id, state })
}

type Place = Pick<Job, 'rank' | 'serial'>

function isAhead(a: Place, b: Place): boolean {
  return rankOf(a) < rankOf(b) || (rankOf(a) === rankOf(b) && a.serial < b.serial)
}

function isRightBefore(job: Job, before: Job, ahead: Place | undefined): boolean {
  const isInLine = job.priority === before.priority && turnsOf(job) === turnsOf(before)
  return isInLine && isAhead(job, before) && (!ahead || isAhead(ahead, job))
}

const line = `state = 'QUEUED' and priority = $1 and coalesce(turn_of, project_id) = $2 and id <> $3
  and (coalesce(rank, serial), serial) < ($4::double precision, $5::bigint)`

function lineAhead(job: Job, before: Job): unknown[] {
  return [before.priority, turnsOf(before), job.id, rankOf(before), before.serial]
}

/** The job right ahead of `before` in its line, which is not `job`. */
async function lastAhead(manager: EntityManager, job: Job, before: Job): Promise<Place | undefined> {
  const [last]: Place[] = await manager.query(
    `select rank, serial::double precision as serial from jobs where ${line}
     order by coalesce(rank, serial) desc, serial desc limit 1`,
    lineAhead(job, before),
  )
  return last
}

/** @returns undefined when no number lies between */
function between(low: number | undefined, high: number): number | undefined {
  if (low === undefined) return high - 1
  const middle = low + (high - low) / 2
  return low < middle && middle < high ? middle : undefined
}

/** Moves those ahead in the line away, in their order. After some fifty moves to one place no number is left there. */
async function makeRoom(manager: EntityManager, job: Job, before: Job): Promise<number> {
  await manager.query(
    `update jobs set rank = $4 - 1 - nth from (
       select id, row_number() over (order by coalesce(rank, serial) desc, serial desc) as nth from jobs where ${line}
     ) as ahead where jobs.id = ahead.id`,
    lineAhead(job, before),
  )
  return rankOf(before) - 1
}

async function sayMoved(
  manager: EntityManager,
  bus: Pick<Bus, 'emit'>,
  id: string,
  how: { readonly beforeJobId?: string; readonly actorId: string },
): Promise<Job> {
  const job = await manager.getRepository(Job).findOneByOrFail({ id })
  const { projectId, priority } = job
  await bus.emit(manager, JobMovedSchema, { projectId, jobId: id, priority, ...how })
  return job
}
