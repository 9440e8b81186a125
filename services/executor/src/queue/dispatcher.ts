import { log } from '@ymir/service'
import { In, Not } from 'typeorm'
import { ExecutorImage } from '../image/image.entity.ts'
import type { Drivers } from '../image/registry.ts'
import { JobRun, type RunParts } from '../job/job-run.ts'
import { failureOf, JobProblem } from '../job/failure.ts'
import { activeStates } from '../job/job.ts'
import { Job } from '../job/job.entity.ts'
import { moveJob } from '../job/transition.ts'
import { QueueBoard, type Situation, type Standing } from './board.ts'
import { GpuWatch } from './gpus.ts'
import { removeOldFiles } from '../job/old-files.ts'
import { nextToStart, queueOrder, withinLimits, type Share } from './queue.ts'
import { isFree, slotStates, type SlotPlace, type SlotState } from './slots.ts'
import { readWaiting } from './waiting.ts'

export interface QueueOptions {
  readonly gpus?: GpuWatch
  /** Limit of jobs at once of a project for which none was set; undefined: none. */
  readonly usualLimit?: number
  /** How often GPUs and estimates are looked at when nothing else happens. */
  readonly lookEveryMs?: number
  /** How long the files of an ended job stay. */
  readonly keepFilesDays?: number
}

const sweepEveryMs = 60_000

/** Gives free slots to waiting jobs and keeps the runs of those that have one. */
export class Dispatcher {
  readonly usualLimit: number | undefined
  private readonly runs = new Map<string, JobRun>()
  private readonly gpus: GpuWatch
  private readonly board: QueueBoard
  private readonly lookEveryMs: number
  private readonly keepFilesDays: number
  private looks: NodeJS.Timeout | undefined
  private dispatching: Promise<void> = Promise.resolve()
  /** A dispatch that has not begun yet. */
  private nextDispatch: Promise<void> | undefined
  private stopping = false
  private sweeping: NodeJS.Timeout | undefined

  constructor(
    readonly slots: readonly SlotPlace[],
    private readonly drivers: Drivers,
    private readonly parts: RunParts,
    { gpus = new GpuWatch(), usualLimit, lookEveryMs = 10_000, keepFilesDays = 30 }: QueueOptions = {},
  ) {
    this.gpus = gpus
    this.usualLimit = usualLimit
    this.lookEveryMs = lookEveryMs
    this.keepFilesDays = keepFilesDays
    this.board = new QueueBoard(() => this.situation(), parts)
  }

  /** Takes up the jobs that an earlier run of this service left behind, then starts waiting ones. */
  async start(): Promise<void> {
    const left = await this.parts.database.getRepository(Job).findBy({ state: In([...activeStates]) })
    for (const job of left) {
      log.info(`job ${job.id} is taken up again`, { state: job.state })
      await this.begin(job)
    }
    this.looks = setInterval(() => void this.lookAgain(), this.lookEveryMs).unref()
    await this.wake()
    const sweep = () => this.sweep().catch((error: unknown) => log.warn(`will sweep again: ${String(error)}`))
    void sweep()
    this.sweeping = setInterval(() => void sweep(), sweepEveryMs)
  }

  /** Call it when the queue changed: a job was queued or moved, a limit set. */
  wake(): Promise<void> {
    this.board.changed()
    this.nextDispatch ??= this.dispatching
      .then(() => {
        this.nextDispatch = undefined // whatever changes from now on may be too late for this one
        return this.dispatch()
      })
      .catch((error: unknown) => {
        log.error('the queue will be looked at again', error)
        setTimeout(() => void this.wake(), 1_000).unref()
      })
    this.dispatching = this.nextDispatch
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
    this.board.changed()
  }

  /** Leaves the jobs that run: they are adopted when the service starts again. */
  async stop(): Promise<void> {
    this.stopping = true
    clearInterval(this.sweeping)
    clearInterval(this.looks)
    await this.dispatching
    await this.board.stop()
    for (const run of this.runs.values()) run.leave()
    await Promise.all([...this.runs.values()].map(({ ended }) => ended))
  }

  /** Ends what drivers still run of jobs that have ended, and removes the files of those that ended long ago. */
  async sweep(): Promise<void> {
    const { database, jobsFolder } = this.parts
    await removeOldFiles(database.manager, jobsFolder, this.keepFilesDays)
    const areActive = async (ids: string[]) => {
      const jobs = await database.getRepository(Job).findBy({ id: In(ids), state: In([...activeStates]) })
      return new Set(jobs.map(({ id }) => id))
    }
    for (const driver of Object.values(this.drivers)) await driver.sweep?.(jobsFolder, areActive)
  }

  /** Where waiting jobs stand; undefined for one that does not wait. */
  async standingsOf(ids: readonly string[]): Promise<(Standing | undefined)[]> {
    let standings = await this.board.standings()
    if (ids.some((id) => !standings.has(id))) {
      this.board.changed() // a job that was queued a moment ago
      standings = await this.board.standings()
    }
    return ids.map((id) => standings.get(id))
  }

  /** Ids of the jobs that hold slots, by slot. */
  holders(): Map<string, string> {
    return new Map(
      [...this.runs].flatMap(([jobId, { slots }]) => slots.map((slot) => [slot, jobId] as const)),
    )
  }

  /** The slots as they are now; GPUs as they were at most two seconds ago. */
  async slotsNow(): Promise<SlotState[]> {
    if (this.slots.some(({ gpu }) => gpu)) await this.gpus.look()
    return this.slotStates()
  }

  /** Whether somebody else computes on the slot's GPU, be it held by a job or not. */
  async isUsedByOthers({ gpu, jobId, inUseByOthers }: SlotState): Promise<boolean> {
    const run = jobId === undefined ? undefined : this.runs.get(jobId)
    if (!run) return inUseByOthers
    const pids = this.gpus.latest.processes.flatMap(({ gpuUuid, pid }) =>
      gpuUuid === gpu?.uuid && pid !== undefined ? [pid] : [],
    )
    const owned = await Promise.all(pids.map((pid) => run.owns(pid)))
    return owned.includes(false)
  }

  private async dispatch(): Promise<void> {
    while (!this.stopping) {
      const next = await this.next()
      if (!next) return
      const { database, bus } = this.parts
      const job = await moveJob(database.manager, bus, next.job.id, { to: 'PREPARING', slots: next.slots })
      if (job) await this.begin(job)
      this.board.changed()
    }
  }

  /** The job to start now, with the slots that it gets. */
  private async next() {
    const held = this.holders()
    if (this.slots.every(({ id }) => held.has(id))) return undefined
    const { ready } = await this.situation()
    const mayGive = this.slots.some(({ id, gpu }) => gpu && !held.has(id))
    if (mayGive && ready.some(({ gpuCount }) => gpuCount > 0)) await this.gpus.look()
    const free = this.slotStates().filter(isFree)
    const ids = (kind: SlotPlace['kind']) => free.filter((slot) => slot.kind === kind).map(({ id }) => id)
    return nextToStart(ready, { cpu: ids('CPU'), gpu: ids('GPU') })
  }

  /** GPUs come and go with what others do; progress moves the estimates. */
  private async lookAgain(): Promise<void> {
    if (this.slots.some(({ gpu }) => gpu)) await this.gpus.look()
    await this.wake()
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
      this.gpus.outdate()
      return this.wake()
    })
  }

  private slotStates(): SlotState[] {
    return slotStates(this.slots, this.holders(), this.gpus.latest)
  }

  private async situation(): Promise<Situation> {
    const { jobs, limits, lastStarted } = await readWaiting(this.parts.database, this.usualLimit)
    const share: Share = { active: this.active(), lastStarted, limits }
    return { ...withinLimits(queueOrder(jobs, share), share), limits, slots: this.slotStates() }
  }

  /** Jobs that hold slots, by project. */
  private active(): Map<string, number> {
    const active = new Map<string, number>()
    for (const { projectId } of this.runs.values()) active.set(projectId, (active.get(projectId) ?? 0) + 1)
    return active
  }
}

const terminal: Job['state'][] = ['SUCCEEDED', 'FAILED', 'CANCELLED']
