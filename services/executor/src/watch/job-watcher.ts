import { lstat } from 'node:fs/promises'
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
import { JobProblem, storable } from '../job/failure.ts'
import { Job, JobStage } from '../job/job.entity.ts'
import { logEnd, readLog } from '../log/read-log.ts'
import type { Mask } from '../secret/mask.ts'
import type { Scalar } from '../tensorboard/event.ts'
import { EventReader, mostScalars, type NewlyLogged } from '../tensorboard/event-reader.ts'
import { Changes } from './changes.ts'
import { findStageFiles, storeStageFiles, type CompleteStage } from './stage-files.ts'

export interface WatcherParts {
  readonly database: DataSource
  readonly bus: Pick<Bus, 'emit' | 'telemetry'>
  readonly blobs: Blobs
  /** Masks the secrets of this moment. */
  readonly mask: () => Mask
}

/** Changes wake the looks where the system tells of them; this is for where it does not. */
const lookEveryMs = 500
/** Between two looks: an image that writes without pause is looked at ten times a second. */
const pauseMs = 100
/** Between two writes to the database of what need not be there at once. */
const noteEveryMs = 500
const scalarsInOneEvent = 500
/** Log text further behind than this is not told: who wants it reads it from the log, and misses nothing. */
const keptUpBytes = 2 ** 20
/** Of monitor.txt more is not read: the first line tells, and what follows is free text. */
const largestReportBytes = 64 * 1024

/**
 * Tells what a running image writes: log, progress, scalars, stages. What was told is noted in the database, so that a
 * watcher after a restart goes on where the one before stopped; of progress and log a little may then be told again.
 */
export class JobWatcher {
  /** What the image last said in monitor.txt. */
  report: MonitorReport | undefined
  private readonly events: EventReader
  private readonly signatures = new Map<string, string>()
  private bestStage: string | undefined
  private stagesRead = false
  private allStagesSaved = false
  private readonly versions = new Map<string, string>()
  private readonly told: Told
  private noted: Told

  /** @param logChanges rings when the log has more */
  constructor(
    private readonly job: Job,
    private readonly folders: JobFolders,
    private readonly logChanges: Changes,
    private readonly parts: WatcherParts,
  ) {
    const { logOffset, progress, message } = job
    this.told = { logOffset, progress, message }
    this.noted = { ...this.told }
    this.events = new EventReader(folders, job.scalarOffsets)
  }

  /** Looks until the signal aborts, whenever something changes. Stages have a loop of their own: their files may be large. */
  async run(signal: AbortSignal): Promise<void> {
    const changes = new Changes()
    const stageChanges = new Changes()
    const here = (path: string) => onThisMachine(path, this.folders)
    const repeat = async (
      changing: Changes,
      places: readonly string[],
      look: () => Promise<void>,
      everyMs = lookEveryMs,
    ) => {
      while (!signal.aborted) {
        changing.arm(places)
        await look().catch((error: unknown) =>
          log.warn(`job ${this.job.id}: will look again: ${String(error)}`),
        )
        await changing.wait(everyMs, signal)
        await delay(pauseMs, undefined, { signal }).catch(() => {})
      }
      changing.close()
    }
    await Promise.all([
      repeat(changes, [here('/out'), here(inImage.tensorboard)], async () => {
        await this.lookAtMonitor()
        while ((await this.lookAtEvents()) && !signal.aborted);
      }),
      repeat(this.logChanges, [], () => this.lookAtLog()),
      repeat(new Changes(), [], () => this.note(), noteEveryMs),
      repeat(stageChanges, [here(inImage.outModels)], () => this.lookAtStages()),
    ])
    await this.note().catch((error: unknown) =>
      log.warn(`job ${this.job.id}: some news may be told again: ${String(error)}`),
    )
  }

  /** The last look at everything, when the image has ended and `run` too. */
  async finish(): Promise<void> {
    this.events.searchAgain()
    await this.lookAtMonitor()
    while (await this.lookAtEvents()); // more than one look takes
    await this.lookAtLog()
    await this.note()
    await this.lookAtStages()
  }

  private async lookAtMonitor(): Promise<void> {
    const text = await this.changed(inImage.monitor)
    const report = text === undefined ? undefined : parseMonitor(this.parts.mask().text(storable(text)))
    if (!report) return
    this.report = report
    await this.tellProgress(Math.max(this.told.progress, report.progress), report.message ?? null)
  }

  /** Tells what the engine lets the job wait for; null when it does not wait any more. The image has the last word. */
  async tellWaiting(waitingFor: string | null): Promise<void> {
    if (!this.report) await this.tellProgress(this.told.progress, waitingFor)
  }

  private tellProgress(progress: number, message: string | null): void {
    if (progress === this.told.progress && message === this.told.message) return
    Object.assign(this.told, { progress, message })
    const { id: jobId, projectId } = this.job
    this.parts.bus.telemetry(JobProgressedSchema, { projectId, jobId, progress, message: message ?? '' })
  }

  /** @returns whether there may be more */
  private async lookAtEvents(): Promise<boolean> {
    const before = this.events.read
    const logged = await this.events.next()
    const { scalars, tags } = logged
    if (scalars.length === 0 && tags.length === 0) return false
    const { id: jobId, projectId } = this.job
    try {
      await storeLogged(this.parts.database, jobId, logged, this.events.read)
    } catch (error) {
      this.events.rewind(before, logged)
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
    return scalars.length >= mostScalars
  }

  private async lookAtLog(): Promise<void> {
    const { id: jobId, projectId } = this.job
    const end = await logEnd(this.folders.log)
    while (this.told.logOffset < end) {
      const { pieces, nextOffset } = await readLog(this.folders.log, this.told.logOffset)
      if (nextOffset === this.told.logOffset) return
      const isKeptUp = end - nextOffset < keptUpBytes
      for (const { stream, offset, nextOffset: behind, text } of isKeptUp ? pieces : [])
        this.parts.bus.telemetry(JobLogWrittenSchema, {
          projectId,
          jobId,
          offset: BigInt(offset),
          nextOffset: BigInt(behind),
          stream,
          text,
        })
      this.told.logOffset = nextOffset
    }
  }

  /** Notes in the database what was told. */
  private async note(): Promise<void> {
    const { logOffset, progress, message } = this.told
    const { noted } = this
    if (noted.logOffset === logOffset && noted.progress === progress && noted.message === message) return
    await this.parts.database.getRepository(Job).update(this.job.id, { logOffset, progress, message })
    this.noted = { logOffset, progress, message }
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
      const found = await findStageFiles(stage, best, this.folders).catch(ignoreBroken)
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
    const found = await lstat(onThisMachine(path, this.folders)).catch(() => undefined)
    if (!found?.isFile()) return undefined
    const version = `${found.ino} ${found.size} ${found.mtimeMs}`
    if (this.versions.get(path) === version) return undefined
    const text = await readOutputHead(path, this.folders, largestReportBytes).catch(ignoreBroken)
    this.versions.set(path, version)
    return text
  }
}

/** What of a job is told as it goes, and noted now and then. */
interface Told {
  logOffset: number
  progress: number
  message: string | null
}

/** Half-written, or no file at all: the next look will see. */
function ignoreBroken(error: unknown): undefined {
  if (!(error instanceof JobProblem)) throw error
}

const mostTags = 2_000

async function storeLogged(
  database: DataSource,
  jobId: string,
  { scalars, tags }: NewlyLogged,
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
    if (tags.length)
      await manager.query(
        `insert into job_tags (job_id, run, tag, kind)
         select $1, * from unnest($2::text[], $3::text[], $4::text[])
         limit greatest(0, ${mostTags} - (select count(*) from job_tags where job_id = $1))
         on conflict do nothing`,
        [jobId, tags.map(({ run }) => run), tags.map(({ tag }) => tag), tags.map(({ kind }) => kind)],
      )
    await manager.getRepository(Job).update(jobId, { scalarOffsets })
  })
}
