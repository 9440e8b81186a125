import { stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { Blobs } from '@ymir/blobs'
import type { Bus } from '@ymir/bus'
import {
  JobLogWrittenSchema,
  JobProgressedSchema,
  JobScalarsLoggedSchema,
  JobStageSavedSchema,
} from '@ymir/proto-events'
import { log } from '@ymir/service'
import type { DataSource } from 'typeorm'
import { inImage, onThisMachine, type JobFolders } from '../contract/layout.ts'
import { parseMonitor, type MonitorReport } from '../contract/monitor.ts'
import { readOutputHead } from '../contract/output-file.ts'
import { readTrainingResult } from '../contract/training-result.ts'
import { JobProblem } from '../job/failure.ts'
import { Job, JobStage } from '../job/job.entity.ts'
import type { Scalar } from '../tensorboard/event.ts'
import { ScalarReader } from '../tensorboard/scalar-reader.ts'
import { readLog } from './log-follower.ts'
import { findStageFiles, storeStageFiles, type CompleteStage } from './stage-files.ts'

export interface WatcherParts {
  readonly database: DataSource
  readonly bus: Pick<Bus, 'emit' | 'telemetry'>
  readonly blobs: Blobs
}

const lookEveryMs = 200
const scalarsInOneEvent = 500
/** Of monitor.txt more is not read: the first line tells, and what follows is free text. */
const largestReportBytes = 64 * 1024

/**
 * Tells what a running image writes: log, progress, scalars, stages. What was told is noted in the database, so that a
 * watcher after a restart goes on where the one before stopped.
 */
export class JobWatcher {
  /** What the image last said in monitor.txt. */
  report: MonitorReport | undefined
  private readonly scalars: ScalarReader
  private readonly signatures = new Map<string, string>()
  private bestStage: string | undefined
  private stagesRead = false
  private allStagesSaved = false
  private readonly versions = new Map<string, string>()
  private imageEnded = false
  private logOffset: number
  private progress: number
  private message: string | null

  constructor(
    private readonly job: Job,
    private readonly folders: JobFolders,
    private readonly parts: WatcherParts,
  ) {
    this.logOffset = job.logOffset
    this.progress = job.progress
    this.message = job.message
    this.scalars = new ScalarReader(onThisMachine(inImage.tensorboard, folders), job.scalarOffsets)
  }

  /** Looks until the signal aborts, a few times a second. Stages have a loop of their own: their files may be large. */
  async run(signal: AbortSignal): Promise<void> {
    const repeat = async (look: () => Promise<void>) => {
      while (!signal.aborted) {
        await look().catch((error: unknown) =>
          log.warn(`job ${this.job.id}: will look again: ${String(error)}`),
        )
        await delay(lookEveryMs, undefined, { signal }).catch(() => {})
      }
    }
    await Promise.all([
      repeat(async () => {
        await this.lookAtMonitor()
        await this.lookAtScalars()
        await this.lookAtLog()
      }),
      repeat(() => this.lookAtStages()),
    ])
  }

  /** The last look at everything, when the image has ended and `run` too. */
  async finish(): Promise<void> {
    await this.lookAtMonitor()
    await this.lookAtScalars()
    this.imageEnded = true
    await this.lookAtLog()
    await this.lookAtStages()
  }

  private async lookAtMonitor(): Promise<void> {
    const text = await this.changed(inImage.monitor)
    const report = text === undefined ? undefined : parseMonitor(text)
    if (!report) return
    this.report = report
    const progress = Math.max(this.progress, report.progress)
    await this.tellProgress(progress, report.message ?? null)
  }

  /** Tells what the engine lets the job wait for; null when it does not wait any more. The image has the last word. */
  async tellWaiting(waitingFor: string | null): Promise<void> {
    if (!this.report) await this.tellProgress(this.progress, waitingFor)
  }

  private async tellProgress(progress: number, message: string | null): Promise<void> {
    if (progress === this.progress && message === this.message) return
    await this.parts.database.getRepository(Job).update(this.job.id, { progress, message })
    this.progress = progress
    this.message = message
    const { id: jobId, projectId } = this.job
    this.parts.bus.telemetry(JobProgressedSchema, { projectId, jobId, progress, message: message ?? '' })
  }

  private async lookAtScalars(): Promise<void> {
    const before = this.scalars.read
    const scalars = await this.scalars.next()
    if (scalars.length === 0) return
    const { id: jobId, projectId } = this.job
    try {
      await storeScalars(this.parts.database, jobId, scalars, this.scalars.read)
    } catch (error) {
      this.scalars.rewind(before)
      throw error
    }
    for (let start = 0; start < scalars.length; start += scalarsInOneEvent)
      this.parts.bus.telemetry(JobScalarsLoggedSchema, {
        projectId,
        jobId,
        scalars: scalars
          .slice(start, start + scalarsInOneEvent)
          .map(({ step, ...scalar }) => ({ ...scalar, step: BigInt(step) })),
      })
  }

  private async lookAtLog(): Promise<void> {
    const { id: jobId, projectId } = this.job
    const start = this.logOffset
    for (;;) {
      const { offset, text, nextOffset } = await readLog(this.folders.log, this.logOffset, {
        ended: this.imageEnded,
      })
      if (nextOffset === offset) break
      this.parts.bus.telemetry(JobLogWrittenSchema, { projectId, jobId, offset: BigInt(offset), text })
      this.logOffset = nextOffset
    }
    if (this.logOffset === start) return
    await this.parts.database.getRepository(Job).update(jobId, { logOffset: this.logOffset })
  }

  private async lookAtStages(): Promise<void> {
    if (!this.job.kinds.includes('TRAINING')) return
    const text = await this.changed(inImage.trainingResult)
    if (text === undefined && this.allStagesSaved) return
    const result = await readTrainingResult(this.folders).catch(ignoreBroken)
    if (!result) return
    await this.readStages()
    this.allStagesSaved = false
    let complete = true
    for (const stage of result.stages) {
      const best = stage.name === result.bestStageName
      const found = await findStageFiles(stage, best, this.folders)
      complete = Boolean(found && (this.isSaved(found) || (await this.saveStage(found)))) && complete
    }
    this.allStagesSaved = complete
  }

  /** A stage is saved again when the image begins to call it the best; not when it ceases to, for another one is then. */
  private isSaved({ stage, best, signature }: CompleteStage): boolean {
    return this.signatures.get(stage.name) === signature && (!best || this.bestStage === stage.name)
  }

  private async readStages(): Promise<void> {
    if (this.stagesRead) return
    const known = await this.parts.database.getRepository(JobStage).findBy({ jobId: this.job.id })
    for (const { name, signature, best } of known) {
      this.signatures.set(name, signature)
      if (best) this.bestStage = name
    }
    this.stagesRead = true
  }

  /** @returns false when a file is still being written, or was removed again: the next look will see */
  private async saveStage(complete: CompleteStage): Promise<boolean> {
    const { stage, best, signature } = complete
    const files = await storeStageFiles(complete, this.folders, this.parts.blobs)
    if (!files) return false
    const { id: jobId, projectId } = this.job
    const savedAt = stage.savedAt ?? Math.floor(Date.now() / 1000)
    await this.parts.database.transaction(async (manager) => {
      const stages = manager.getRepository(JobStage)
      if (best) await stages.update({ jobId }, { best: false })
      const metrics = { ...stage.metrics }
      await stages.save({
        jobId,
        name: stage.name,
        metrics,
        savedAt: new Date(savedAt * 1000),
        best,
        files,
        signature,
      })
      await this.parts.bus.emit(manager, JobStageSavedSchema, {
        projectId,
        jobId,
        stageName: stage.name,
        files: files.map(({ name, sha256, size }) => ({ name, blob: { sha256, size: BigInt(size) } })),
        metrics,
        savedAt: BigInt(Math.floor(savedAt)),
        best,
      })
    })
    this.signatures.set(stage.name, signature)
    if (best) this.bestStage = stage.name
    return true
  }

  /** The beginning of a file when it changed since the last look. */
  private async changed(path: string): Promise<string | undefined> {
    const local = onThisMachine(path, this.folders)
    const found = await stat(local).catch(() => undefined)
    if (!found) return undefined
    const version = `${found.ino} ${found.size} ${found.mtimeMs}`
    if (this.versions.get(path) === version) return undefined
    const text = await readOutputHead(path, this.folders, largestReportBytes).catch(ignoreBroken)
    this.versions.set(path, version)
    return text
  }
}

/** Half-written, or no file at all: the next look will see. */
function ignoreBroken(error: unknown): undefined {
  if (!(error instanceof JobProblem)) throw error
}

async function storeScalars(
  database: DataSource,
  jobId: string,
  scalars: readonly Scalar[],
  scalarOffsets: Record<string, number>,
): Promise<void> {
  const latest = new Map(scalars.map((scalar) => [`${scalar.step} ${scalar.tag}`, scalar]))
  const column = <Key extends keyof Scalar>(key: Key) => [...latest.values()].map((scalar) => scalar[key])
  await database.transaction(async (manager) => {
    // a training that went back to an earlier step overwrites what it logged there
    await manager.query(
      `insert into job_scalars (job_id, tag, step, value, wall_time)
       select $1, * from unnest($2::text[], $3::bigint[], $4::double precision[], $5::double precision[])
       on conflict (job_id, tag, step) do update set value = excluded.value, wall_time = excluded.wall_time`,
      [jobId, column('tag'), column('step'), column('value'), column('wallTime')],
    )
    await manager.getRepository(Job).update(jobId, { scalarOffsets })
  })
}
