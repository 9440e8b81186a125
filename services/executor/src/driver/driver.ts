import type { ImageFiles } from '../image/image.ts'
import type { JobFolders } from '../contract/layout.ts'
import type { JobLog } from '../log/job-log.ts'
import type { Usage } from '../resource/resources.ts'

export const driverNames = ['process', 'docker', 'slurm'] as const
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
  readonly image: ImageToRun
  readonly folders: JobFolders
  readonly log: JobLog
  /** Of this machine; to a cluster only their number matters. */
  readonly gpus: readonly Gpu[]
  /** `/dev/shm` in bytes. */
  readonly sharedMemoryBytes: number
  /** After which the service stops the image; an engine that can may see to it where the service is away. */
  readonly timeSeconds: number
}

export interface ImageToRun {
  readonly reference: string
  /** The very revision to run; null for images that have none, such as folders. */
  readonly digest: string | null
  /** Whether it gets the engine's network. Left out: none. */
  readonly network?: boolean
  /** `uid` or `uid:gid` in place of the user that the image names. */
  readonly user?: string | null
}

/** What a look into an image found. */
export interface Inspection {
  readonly files: ImageFiles
  readonly digest: string | null
  /** How it is started, as far as that can be seen. */
  readonly start?: {
    readonly command: readonly string[]
    readonly script: { readonly path: string; readonly present: boolean }
  }
}

/** How a fetch is followed and broken off. */
export interface Fetching {
  readonly signal?: AbortSignal
  /** @param progress 0 to 1, by bytes as far as they are known; never goes back */
  readonly onProgress?: (progress: number) => void
}

/** How the image ended. */
export type Ending =
  | { readonly how: 'exited'; readonly exitCode: number; readonly outOfMemory: boolean }
  /** nobody knows its exit code; `why` says what is known */
  | { readonly how: 'lost'; readonly why: string }

/** What is there of a job that an earlier run of this service started. */
export type Remains = 'running' | 'ended' | 'nothing'

/**
 * Runs images: processes, containers, jobs of a cluster (docs/drivers.md says how to add one). A driver finds what it
 * started by the job's id alone, so that a restarted service needs no memory of its own. What the image prints is brought
 * to the job's log, what it writes appears in its output folder; `watch` and `collect` see to that where the two are not
 * on this machine.
 */
export interface Driver {
  readonly name: DriverName
  /**
   * What an image that is at hand says about itself, without running any of its code.
   * @throws JobProblem IMAGE_MISSING when it is not at hand
   */
  inspect(reference: string): Promise<Inspection>
  /**
   * Fetches what the reference names now, also when an older image of that name is at hand. Drivers whose images are
   * where they are have no such thing.
   * @throws JobProblem IMAGE_MISSING when there is no such image, PULL_FAILED when it cannot be had
   */
  fetch?(reference: string, fetching?: Fetching): Promise<void>
  /**
   * Makes sure that the image is at hand; rejects when the signal aborts.
   * @throws JobProblem as fetch(), ENGINE_LOST
   */
  prepare(launch: Pick<Launch, 'image'>, signal?: AbortSignal): Promise<void>
  /**
   * Starts the image, or hands it to an engine that starts it when its own queue allows; nothing of an earlier attempt
   * of this job may be left.
   */
  start(launch: Launch): Promise<void>
  /**
   * For engines with a queue of their own: resolves when the image began, and its time limit counts from then; rejects
   * when the signal aborts. Without this method an image has begun when `start` resolves.
   * @param tell is told in words what the engine lets the job wait for, whenever that changes
   */
  begun?(job: Started, tell: (waitingFor: string) => void, signal: AbortSignal): Promise<Date>
  /** Looks for a job after a restart of this service. */
  adopt(job: Started): Promise<Remains>
  /**
   * Resolves when the image has ended and its log is complete; rejects when the signal aborts.
   * @throws JobProblem when the engine knows better than by an exit code why the job cannot go on
   */
  watch(job: Started, signal: AbortSignal): Promise<Ending>
  /** What the image uses at the moment; undefined where that cannot be known, or when it does not run. */
  measure(job: Started): Promise<Usage | undefined>
  /** Bytes that the image wrote to a disk of the engine's, beside /out; without this method there is no such place. */
  scratchBytes?(job: Started): Promise<number>
  /**
   * Asks the image to end, kills it after `patienceMs`; afterwards nothing of it runs and its log is complete. Harmless
   * when nothing runs.
   */
  stop(job: Started, patienceMs: number): Promise<void>
  /** Brings home what the image wrote and forgets the job. */
  collect(job: Started): Promise<void>
  /**
   * Ends what runs of jobs of this folder that nobody waits for: the engine was away when they ended.
   * @param areWanted which of the jobs found are still at work
   */
  sweep?(jobsFolder: string, areWanted: (jobIds: string[]) => Promise<ReadonlySet<string>>): Promise<void>
  /** Whether a process of this machine is of the job; undefined, or no such function: that cannot be told. */
  owns?(job: Started, pid: number): Promise<boolean | undefined>
}

/** A job that was started once. */
export type Started = Pick<Launch, 'jobId' | 'folders' | 'log'>

/** What engines call a job: they find it by this name alone. */
export function nameOf({ jobId }: Pick<Started, 'jobId'>): string {
  return `ymir-job-${jobId}`
}
