import { log } from '@ymir/service'
import { In, Not } from 'typeorm'
import { ExecutorImage } from '../image/image.entity.ts'
import type { Drivers } from '../image/registry.ts'
import { JobRun, type RunParts } from '../job/job-run.ts'
import { failureOf, JobProblem } from '../job/failure.ts'
import { activeStates } from '../job/job.ts'
import { Job } from '../job/job.entity.ts'
import { moveJob } from '../job/transition.ts'
import { nextToStart, queueOrder, type Share } from './queue.ts'
import type { SlotPlace } from './slots.ts'

const sweepEveryMs = 60_000

/** Gives free slots to waiting jobs and keeps the runs of those that have one. */
export class Dispatcher {
  private readonly runs = new Map<string, JobRun>()
  private dispatching: Promise<void> = Promise.resolve()
  private stopping = false
  private sweeping: NodeJS.Timeout | undefined

  constructor(
    readonly slots: readonly SlotPlace[],
    private readonly drivers: Drivers,
    private readonly parts: RunParts,
  ) {}

  /** Takes up the jobs that an earlier run of this service left behind, then starts waiting ones. */
  async start(): Promise<void> {
    const left = await this.parts.database.getRepository(Job).findBy({ state: In([...activeStates]) })
    for (const job of left) {
      log.info(`job ${job.id} is taken up again`, { state: job.state })
      await this.begin(job)
    }
    await this.wake()
    const sweep = () => this.sweep().catch((error: unknown) => log.warn(`will sweep again: ${String(error)}`))
    void sweep()
    this.sweeping = setInterval(() => void sweep(), sweepEveryMs)
  }

  /** Call it when a job was queued. */
  wake(): Promise<void> {
    this.dispatching = this.dispatching
      .then(() => this.dispatch())
      .catch((error: unknown) => {
        log.error('the queue will be looked at again', error)
        setTimeout(() => void this.wake(), 1_000).unref()
      })
    return this.dispatching
  }

  /** Ends a job. A waiting one is CANCELLED when this resolves, one at work soon after. */
  async cancel(jobId: string): Promise<void> {
    const { database, bus } = this.parts
    await database
      .getRepository(Job)
      .update({ id: jobId, state: Not(In(terminal)) }, { cancelRequested: true })
    const run = this.runs.get(jobId)
    if (run) return run.cancel()
    await moveJob(database.manager, bus, jobId, { to: 'CANCELLED' })
  }

  /** Leaves the jobs that run: they are adopted when the service starts again. */
  async stop(): Promise<void> {
    this.stopping = true
    clearInterval(this.sweeping)
    await this.dispatching
    for (const run of this.runs.values()) run.leave()
    await Promise.all([...this.runs.values()].map(({ ended }) => ended))
  }

  /** Ends what drivers still run of jobs that have ended. */
  async sweep(): Promise<void> {
    const { database, jobsFolder } = this.parts
    const areActive = async (ids: string[]) => {
      const jobs = await database.getRepository(Job).findBy({ id: In(ids), state: In([...activeStates]) })
      return new Set(jobs.map(({ id }) => id))
    }
    for (const driver of Object.values(this.drivers)) await driver.sweep?.(jobsFolder, areActive)
  }

  /** Waiting jobs, the next to start first. */
  async order(): Promise<Job[]> {
    const waiting = await this.parts.database.getRepository(Job).findBy({ state: 'QUEUED' })
    return queueOrder(waiting, await this.share())
  }

  /** Ids of the jobs that hold slots, by slot. */
  holders(): Map<string, string> {
    return new Map(
      [...this.runs].flatMap(([jobId, { slots }]) => slots.map((slot) => [slot, jobId] as const)),
    )
  }

  private async dispatch(): Promise<void> {
    while (!this.stopping) {
      const next = nextToStart(await this.order(), this.free())
      if (!next) return
      const { database, bus } = this.parts
      const job = await moveJob(database.manager, bus, next.job.id, { to: 'PREPARING', slots: next.slots })
      if (job) await this.begin(job)
    }
  }

  private async begin(job: Job): Promise<void> {
    const { database, bus } = this.parts
    const image = await database.getRepository(ExecutorImage).findOneBy({ id: job.executorImageId })
    if (!image) {
      const failure = failureOf(
        new JobProblem('IMAGE_MISSING', `there is no executor image ${job.executorImageId}`),
        '',
      )
      await moveJob(database.manager, bus, job.id, { to: 'FAILED', failure })
      return
    }
    const gpus = this.slots.flatMap(({ id, gpu }) => (gpu && job.slots.includes(id) ? [gpu] : []))
    const run = new JobRun(job, image, this.drivers[image.driver], gpus, this.parts)
    this.runs.set(job.id, run)
    void run.ended.then(() => {
      this.runs.delete(job.id)
      return this.wake()
    })
  }

  private free() {
    const held = this.holders()
    const ids = (kind: SlotPlace['kind']) =>
      this.slots.filter((slot) => slot.kind === kind && !held.has(slot.id)).map(({ id }) => id)
    return { cpu: ids('CPU'), gpu: ids('GPU') }
  }

  private async share(): Promise<Share> {
    const active = new Map<string, number>()
    for (const { projectId } of this.runs.values()) active.set(projectId, (active.get(projectId) ?? 0) + 1)
    const rows: { project_id: string; last: Date }[] = await this.parts.database.query(
      `select project_id, max(started_at) as last from jobs
       where started_at is not null and project_id in (select project_id from jobs where state = 'QUEUED')
       group by project_id`,
    )
    return { active, lastStarted: new Map(rows.map(({ project_id, last }) => [project_id, last.getTime()])) }
  }
}

const terminal: Job['state'][] = ['SUCCEEDED', 'FAILED', 'CANCELLED']
