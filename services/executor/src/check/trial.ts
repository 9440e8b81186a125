import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Blobs } from '@ymir/blobs'
import { sharedMemoryBytes } from '../contract/configuration.ts'
import { writeInput } from '../contract/input.ts'
import { inImage, jobFolders, type JobFolders } from '../contract/layout.ts'
import type { DatasetVersions } from '../contract/manifest.ts'
import { parseMonitor, type MonitorReport } from '../contract/monitor.ts'
import { readOutputHead } from '../contract/output-file.ts'
import { taskIdOf } from '../contract/task-id.ts'
import type { Driver, Ending, Gpu } from '../driver/driver.ts'
import type { ImageDescription } from '../image/image.ts'
import { JobProblem } from '../job/failure.ts'
import type { JobKind, JobRequest } from '../job/job.ts'
import { exceeding, limitsOf, type Limits } from '../job/limits.ts'
import { JobLog } from '../log/job-log.ts'
import { readLog } from '../log/read-log.ts'
import { Mask } from '../secret/mask.ts'
import { EventReader } from '../tensorboard/event-reader.ts'
import type { Scalar } from '../tensorboard/event.ts'

/** Where and with what jobs are tried. */
export interface Bench {
  readonly driver: Driver
  readonly reference: string
  readonly digest: string | null
  readonly description: ImageDescription
  readonly blobs: Blobs
  readonly versions: DatasetVersions
  readonly jobsFolder: string
  readonly gpus: readonly Gpu[]
  readonly limits: Limits
  /** Takes what the image prints, as it comes. */
  readonly hear: (line: string) => void
}

/** What was seen of a job. */
export interface Trial {
  readonly taskId: string
  readonly folders: JobFolders
  readonly ending: Ending
  readonly seconds: number
  /** Every version of monitor.txt that was seen, oldest first. */
  readonly monitor: readonly SeenReport[]
  readonly scalars: readonly Scalar[]
}

export interface SeenReport {
  readonly firstLine: string
  /** undefined: unreadable */
  readonly report: MonitorReport | undefined
}

const noSecrets = new Mask([])
const lookEveryMs = 100
const stopPatienceMs = 2_000

/**
 * Runs one job as the platform would, outside of it. Nothing of the image runs afterwards, also when the signal aborts.
 * @throws JobProblem when it cannot be started, or exceeds a limit
 */
export async function tryJob(
  kinds: readonly JobKind[],
  request: JobRequest,
  bench: Bench,
  signal: AbortSignal,
): Promise<Trial> {
  const { driver, reference, digest, description: image, gpus, limits } = bench
  const jobId = randomUUID()
  const folders = jobFolders(bench.jobsFolder, jobId)
  const input = { jobId, projectId: '', kinds, image, request, gpuCount: gpus.length }
  const configuration = await writeInput(input, folders, bench, signal)
  const launch = {
    ...{ jobId, folders, gpus, image: { reference, digest }, log: new JobLog(folders.log, () => noSecrets) },
    sharedMemoryBytes: sharedMemoryBytes(configuration, gpus.length),
    timeSeconds: limitsOf(request, limits).timeSeconds,
  }
  const ended = new AbortController()
  const within = AbortSignal.any([signal, ended.signal])
  const seen = new Observer(folders, bench.hear)
  const started = new Date()
  let looks: Promise<void> | undefined
  try {
    await driver.prepare(launch)
    signal.throwIfAborted()
    await driver.start(launch)
    looks = seen.look(within)
    const scratch = async () => (await driver.scratchBytes?.(launch)) ?? 0
    const limit = exceeding(limitsOf(request, limits), started, folders, scratch, within)
    const ending = await Promise.race([driver.watch(launch, within), limit])
    const seconds = (Date.now() - started.getTime()) / 1000
    ended.abort()
    await looks // two looks at once would tell a line twice
    return { taskId: taskIdOf(jobId), folders, ending, seconds, ...(await seen.all()) }
  } finally {
    ended.abort()
    await driver.stop(launch, stopPatienceMs)
    await driver.collect(launch)
    await launch.log.close()
    await looks
  }
}

/** Looks at what a job writes while it runs. */
class Observer {
  private readonly monitor: SeenReport[] = []
  private logOffset = 0
  private unfinishedLine = ''

  constructor(
    private readonly folders: JobFolders,
    private readonly hear: (line: string) => void,
  ) {}

  async look(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.lookAtMonitor()
      await this.listen(false)
      await delay(lookEveryMs, undefined, { signal }).catch(() => {})
    }
  }

  /** Everything, when the job has ended. */
  async all(): Promise<Pick<Trial, 'monitor' | 'scalars'>> {
    await this.lookAtMonitor()
    await this.listen(true)
    const { scalars } = await new EventReader(this.folders).next()
    return { monitor: this.monitor, scalars }
  }

  private async lookAtMonitor(): Promise<void> {
    const text = await readOutputHead(inImage.monitor, this.folders, 64 * 1024).catch((error: unknown) => {
      if (!(error instanceof JobProblem)) throw error
      return error.message // it is no report, and so it is unreadable
    })
    const [firstLine] = text?.split(/\r?\n/, 1) ?? []
    if (text === undefined || firstLine === undefined || firstLine === this.monitor.at(-1)?.firstLine) return
    this.monitor.push({ firstLine, report: parseMonitor(text) })
  }

  private async listen(ended: boolean): Promise<void> {
    for (;;) {
      const { offset, pieces, nextOffset } = await readLog(this.folders.log, this.logOffset)
      if (nextOffset === offset) break
      this.logOffset = nextOffset
      const lines = (this.unfinishedLine + pieces.map(({ text }) => text).join('')).split('\n')
      this.unfinishedLine = lines.pop() ?? ''
      lines.forEach(this.hear)
    }
    if (!ended || !this.unfinishedLine) return
    this.hear(this.unfinishedLine)
    this.unfinishedLine = ''
  }
}
