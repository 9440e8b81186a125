import type { ImageFiles } from '../image/image.ts'
import type { JobFolders } from '../contract/layout.ts'
import type { JobLog } from '../log/job-log.ts'
import type { Usage } from '../resource/resources.ts'

export const driverNames = ['process', 'docker'] as const
export type DriverName = (typeof driverNames)[number]

/** A GPU given to a job. */
export interface Gpu {
  readonly index: number
  readonly uuid: string
  readonly name: string
  readonly memoryMegabytes: number
}

/** What a driver needs to know to run a job; the folders are prepared. */
export interface Launch {
  readonly jobId: string
  readonly image: { readonly reference: string; readonly digest: string | null }
  readonly folders: JobFolders
  readonly log: JobLog
  readonly gpus: readonly Gpu[]
  /** `/dev/shm` in bytes. */
  readonly sharedMemoryBytes: number
}

/** How the image ended. */
export type Ending =
  | { readonly how: 'exited'; readonly exitCode: number; readonly outOfMemory: boolean }
  /** nobody knows its exit code; `why` says what is known */
  | { readonly how: 'lost'; readonly why: string }

/** What is there of a job that an earlier run of this service started. */
export type Remains = 'running' | 'ended' | 'nothing'

/**
 * Runs images: processes, containers; later jobs of Kubernetes or Slurm. A driver finds what it started by the job's id
 * alone, so that a restarted service needs no memory of its own. What the image prints is brought to the job's log, what
 * it writes appears in its output folder; `watch` and `collect` see to that where the two are not on this machine.
 */
export interface Driver {
  readonly name: DriverName
  /** What the image says about itself, without running any of its code. @throws JobProblem IMAGE_MISSING */
  inspect(reference: string): Promise<{ files: ImageFiles; digest: string | null }>
  /** Makes sure that the image is at hand. @throws JobProblem IMAGE_MISSING */
  prepare(launch: Launch): Promise<void>
  /** Starts the image; nothing of an earlier attempt of this job may be left. */
  start(launch: Launch): Promise<void>
  /** Looks for a job after a restart of this service. */
  adopt(job: Started): Promise<Remains>
  /** Resolves when the image has ended and its log is complete; rejects when the signal aborts. */
  watch(job: Started, signal: AbortSignal): Promise<Ending>
  /** What the image uses at the moment; undefined where that cannot be known, or when it does not run. */
  measure(job: Started): Promise<Usage | undefined>
  /** Asks the image to end, kills it after `patienceMs`; afterwards nothing of it runs and its log is complete. Harmless when nothing runs. */
  stop(job: Started, patienceMs: number): Promise<void>
  /** Brings home what the image wrote and forgets the job. */
  collect(job: Started): Promise<void>
}

/** A job that was started once. */
export type Started = Pick<Launch, 'jobId' | 'folders' | 'log'>
