import { rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { log } from '@ymir/service'
import { writeInput } from '../contract/input.ts'
import { sharedMemoryBytes } from '../contract/configuration.ts'
import { jobFolders, type JobFolders } from '../contract/layout.ts'
import type { DatasetVersions } from '../contract/manifest.ts'
import { readOutput } from '../contract/output.ts'
import type { Driver, Ending, Gpu, Started } from '../driver/driver.ts'
import type { ExecutorImage } from '../image/image.entity.ts'
import { descriptionOf, revisionFor } from '../image/revision.ts'
import { requireMayUse, type Requesters } from '../image/sharing.ts'
import { JobLog } from '../log/job-log.ts'
import { readLogTail } from '../log/read-log.ts'
import { meterJob, type MeterParts } from '../resource/job-meter.ts'
import { Changes } from '../watch/changes.ts'
import { JobWatcher, type WatcherParts } from '../watch/job-watcher.ts'
import { failureOf, isLoss, JobProblem, printable, problemOfExit } from './failure.ts'
import { transitions } from './job.ts'
import { JobStage, type Job } from './job.entity.ts'
import { keepTrying } from './keep-trying.ts'
import { exceeding, limitsOf, type Limits } from './limits.ts'
import { stageToGoOnFrom } from './resume.ts'
import { moveJob, type Move } from './transition.ts'

export interface RunParts extends WatcherParts, Omit<MeterParts, 'bus'> {
  readonly versions: DatasetVersions
  readonly requesters: Requesters
  readonly jobsFolder: string
  readonly limits: Limits
}

/** Why a run is broken off. */
class Cancelled extends Error {}
/** The service stops: the job goes on without it, and is adopted when it starts again. */
class ServiceStops extends Error {}
/** The job is in an end state already: nothing more to do for it. */
class JobMovedOn extends Error {}

/** How long the image has after being asked to end, before it is killed. */
const stopPatienceMs = 2_000
const cancelPatienceMs = 4_000

/** Carries one job, from whatever state it is in, to its end. */
export class JobRun {
  /** Resolves when nothing of the job runs any more, or the service left it. Never rejects. */
  readonly ended: Promise<void>
  private readonly abort = new AbortController()
  private readonly left = new AbortController()
  private readonly folders: JobFolders
  private readonly started: Started
  /** Rings when the log has more. */
  private readonly logChanges = new Changes()

  constructor(
    private job: Job,
    private readonly image: ExecutorImage,
    private readonly driver: Driver,
    private readonly gpus: readonly Gpu[],
    private readonly parts: RunParts,
  ) {
    this.folders = jobFolders(parts.jobsFolder, job.id)
    const jobLog = new JobLog(this.folders.log, parts.mask, this.logChanges.ring)
    this.started = { jobId: job.id, folders: this.folders, log: jobLog }
    this.ended = this.carry()
    if (job.cancelRequested) this.cancel()
  }

  get slots(): readonly string[] {
    return this.job.slots
  }

  get projectId(): string {
    return this.job.projectId
  }

  /** Whether a process of this machine is of the job; undefined: that cannot be told. */
  async owns(pid: number): Promise<boolean | undefined> {
    return this.driver.owns?.(this.started, pid)
  }

  /** The job is CANCELLED within four seconds, even if something of it takes longer to stop. */
  cancel(): void {
    this.abort.abort(new Cancelled('cancelled'))
    const patience = delay(cancelPatienceMs, 'too long' as const, { ref: false })
    void Promise.race([this.ended, patience])
      .then((took) => (took === 'too long' ? this.end({ to: 'CANCELLED' }) : undefined))
      .catch((error: unknown) => log.error(`job ${this.job.id} could not be cancelled`, error))
  }

  leave(): void {
    this.left.abort(new ServiceStops('the service stops'))
    this.abort.abort(new ServiceStops('the service stops'))
  }

  private async carry(): Promise<void> {
    const { signal } = this.abort
    try {
      signal.throwIfAborted()
      if (this.job.state === 'PREPARING') await this.prepareAndStart(signal)
      if (this.job.state === 'RUNNING') await this.runToItsEnd(signal)
      await this.collect()
    } catch (error) {
      const cause: unknown = signal.aborted ? signal.reason : error
      if (cause instanceof ServiceStops) return this.started.log.close()
      await this.breakOff(cause).catch((problem: unknown) =>
        log.error(`job ${this.job.id} could not be ended`, problem),
      )
    }
    await this.started.log.close().catch(() => {}) // nothing is written after this
    await rm(this.folders.input, { recursive: true, force: true }).catch(() => {}) // the sweep tries again
  }

  private async prepareAndStart(signal: AbortSignal): Promise<void> {
    const { id: jobId, projectId, kinds, request, gpuCount } = this.job
    await requireMayUse(this.image, this.job, this.parts.requesters)
    const revision = await revisionFor(this.parts.database.manager, this.job, this.image)
    const image = {
      reference: this.image.reference,
      digest: revision.digest,
      network: revision.asksForNetwork && this.image.networkAllowed,
      user: this.image.user,
    }
    await this.driver.prepare({ image }, signal)
    signal.throwIfAborted()
    // an attempt before a restart of this service may have got this far
    await this.unlessLeft(this.driver.stop(this.started, 0))
    await this.unlessLeft(this.driver.collect(this.started))
    const input = { jobId, projectId, kinds, image: descriptionOf(revision), request, gpuCount }
    const configuration = await writeInput(input, this.folders, this.parts, signal)
    await this.started.log.beginAnew(`--- the job starts again (attempt ${this.job.attempt}) ---`)
    const launch = {
      ...this.started,
      image,
      gpus: this.gpus,
      sharedMemoryBytes: sharedMemoryBytes(configuration, gpuCount),
      timeSeconds: limitsOf(request, this.parts.limits).timeSeconds,
    }
    signal.throwIfAborted()
    await this.unlessLeft(this.driver.start(launch))
    await this.move({ to: 'RUNNING' })
  }

  private async runToItsEnd(signal: AbortSignal): Promise<void> {
    if ((await unless(signal, this.driver.adopt(this.started))) === 'nothing')
      throw new JobProblem('MACHINE_LOST', 'the job is gone from the machine that ran it')
    const watcher = new JobWatcher(this.job, this.folders, this.logChanges, this.parts)
    const looking = new AbortController()
    const looks = Promise.all([
      watcher.run(looking.signal),
      meterJob(this.job, this.driver, this.started, this.gpus, this.parts, looking.signal),
    ])
    let ending: Ending
    try {
      ending = await this.withinLimits((within) => this.driver.watch(this.started, within), watcher, signal)
    } catch (error) {
      if (signal.reason instanceof ServiceStops) throw error
      await this.unlessLeft(this.driver.stop(this.started, stopPatienceMs))
      throw error
    } finally {
      looking.abort()
      await looks
      if (!(signal.reason instanceof ServiceStops))
        await keepTrying(`the last look at job ${this.job.id}`, () => watcher.finish(), signal)
    }
    if (ending.how === 'lost') throw new JobProblem('MACHINE_LOST', ending.why)
    if (ending.exitCode !== 0) {
      const { exitCode, outOfMemory } = ending
      const logTail = await readLogTail(this.folders.log)
      throw problemOfExit({ exitCode, outOfMemory, told: watcher.report, logTail })
    }
    await this.move({ to: 'COLLECTING' })
  }

  /** Also ends the watching when a limit is exceeded. */
  private async withinLimits<T>(
    act: (within: AbortSignal) => Promise<T>,
    watcher: JobWatcher,
    signal: AbortSignal,
  ): Promise<T> {
    const done = new AbortController()
    const within = AbortSignal.any([signal, done.signal])
    const limits = limitsOf(this.job.request, this.parts.limits)
    const scratch = async () => (await this.driver.scratchBytes?.(this.started)) ?? 0
    const exceeded = async () =>
      exceeding(limits, await this.beginning(watcher, within), this.folders, scratch, within)
    const acting = act(within)
    try {
      return await Promise.race([acting, exceeded()])
    } finally {
      done.abort()
      await acting.catch(() => {}) // thrown above, unless a limit was exceeded before
    }
  }

  /** When the job's time began: an engine with a queue of its own may let it wait. */
  private async beginning(watcher: JobWatcher, signal: AbortSignal): Promise<Date> {
    if (!this.driver.begun) return this.job.startedAt ?? new Date()
    const tell = (waitingFor: string | null) =>
      watcher
        .tellWaiting(waitingFor)
        .catch((error: unknown) => log.warn(`job ${this.job.id}: ${waitingFor}: ${String(error)}`))
    const began = await this.driver.begun(this.started, (waitingFor) => void tell(waitingFor), signal)
    await tell(null)
    return began
  }

  private async collect(): Promise<void> {
    await this.unlessLeft(this.driver.collect(this.started))
    const { database, blobs } = this.parts
    const { id: jobId, kinds, request } = this.job
    const stages = await keepTrying(`stages of job ${jobId}`, () =>
      database.getRepository(JobStage).findBy({ jobId }),
    )
    const saved = new Set(stages.map(({ name }) => name))
    const result = await readOutput({ kinds, ...request }, this.folders, blobs, saved)
    this.abort.signal.throwIfAborted()
    await this.move({ to: 'SUCCEEDED', result })
  }

  /** Nothing of the image may run when the job is over. What a lost engine still runs is ended when it is back. */
  private async breakOff(cause: unknown): Promise<void> {
    try {
      await this.unlessLeft(this.driver.stop(this.started, stopPatienceMs))
      await this.unlessLeft(this.driver.collect(this.started))
    } catch (error) {
      if (error instanceof ServiceStops) return
      log.warn(`what runs of job ${this.job.id} could not be ended: ${String(error)}`)
    }
    if (cause instanceof JobMovedOn) return
    if (cause instanceof Cancelled) return this.end({ to: 'CANCELLED' })
    if (isLoss(cause) && this.mayStartAgain()) return this.startAgain(cause)
    const failure = failureOf(cause, await readLogTail(this.folders.log))
    await this.end({ to: 'FAILED', failure: printable(failure, this.parts.mask()) })
  }

  /** An engine that is away would keep the service from stopping. */
  private unlessLeft<T>(work: Promise<T>): Promise<T> {
    return unless(this.left.signal, work)
  }

  private mayStartAgain(): boolean {
    return transitions[this.job.state].includes('QUEUED') && this.job.attempt <= this.parts.limits.restarts
  }

  private async startAgain(cause: unknown): Promise<void> {
    const stage = await stageToGoOnFrom(this.parts.database.manager, this.job, descriptionOf(this.image))
    log.warn(`job ${this.job.id} starts again${stage ? ` from stage ${stage.name}` : ''}: ${String(cause)}`)
    await this.end({ to: 'QUEUED', stage })
  }

  /** @throws JobMovedOn when the job's state does not allow it: somebody ended the job */
  private async move(move: Move): Promise<void> {
    const moved = await this.tryMove(move)
    if (!moved) throw new JobMovedOn(`job ${this.job.id} is no longer ${this.job.state}`)
    this.job = moved
  }

  private async end(move: Move): Promise<void> {
    const ended = await this.tryMove(move)
    if (!ended) return
    this.job = ended
    log.info(
      `job ${this.job.id} ${this.job.state}`,
      this.job.failure ? { cause: this.job.failure.message } : {},
    )
  }

  private tryMove(move: Move): Promise<Job | undefined> {
    const { database, bus } = this.parts
    return keepTrying(`moving job ${this.job.id} to ${move.to}`, () =>
      moveJob(database.manager, bus, this.job.id, move),
    )
  }
}

/** What the work gives; rejects with the signal's reason when it aborts before, and the work goes on unseen. */
async function unless<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborting = new Promise<never>((_, reject) => {
    const refuse = () => reject(signal.reason as Error) // both signals of a run abort with an error
    if (signal.aborted) refuse()
    else signal.addEventListener('abort', refuse, { once: true })
  })
  return Promise.race([work, aborting])
}
