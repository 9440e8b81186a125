import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { JobFolders } from '../contract/layout.ts'
import { rawOutputFiles } from '../log/raw-output.ts'
import { JobProblem } from './failure.ts'
import type { JobRequest } from './job.ts'

export interface Limits {
  readonly timeSeconds: number
  /** Of everything that the job writes: under /out, to the log, and inside its container. */
  readonly outputBytes: number
  /** How often a job starts again after the loss of its machine. */
  readonly restarts: number
}

const day = 24 * 60 * 60

/**
 * Limits of all jobs: YMIR_JOB_TIME_LIMIT_SECONDS (default a day), YMIR_JOB_OUTPUT_LIMIT_BYTES (default 64 GiB),
 * YMIR_JOB_RESTARTS (default 2).
 */
export function readLimits(environment: NodeJS.ProcessEnv = process.env): Limits {
  return {
    timeSeconds: Number(environment.YMIR_JOB_TIME_LIMIT_SECONDS ?? day),
    outputBytes: Number(environment.YMIR_JOB_OUTPUT_LIMIT_BYTES ?? 64 * 2 ** 30),
    restarts: Number(environment.YMIR_JOB_RESTARTS ?? 2),
  }
}

/** A job may ask for less or more time with the parameter `time_limit_seconds`. */
export function limitsOf({ parameters }: Pick<JobRequest, 'parameters'>, usual: Limits): Limits {
  const asked = Number(parameters.time_limit_seconds)
  return asked > 0 ? { ...usual, timeSeconds: asked } : usual
}

const lookEveryMs = 1_000
const measureEveryMs = 10_000

/**
 * Rejects with JobProblem TIMEOUT or DISK_FULL when a job exceeds a limit; else when the signal aborts.
 * @param since when its time began
 * @param scratchBytes what it wrote beside /out and the log
 */
export async function exceeding(
  limits: Limits,
  since: Date,
  folders: JobFolders,
  scratchBytes: () => Promise<number>,
  signal: AbortSignal,
): Promise<never> {
  let measuredAt = 0
  let outputBytes = 0
  let elsewhereBytes = 0
  for (;;) {
    if (Date.now() - since.getTime() > limits.timeSeconds * 1000)
      throw new JobProblem(
        'TIMEOUT',
        `the job was stopped after its time limit of ${limits.timeSeconds} seconds`,
      )
    if (Date.now() - measuredAt > measureEveryMs) {
      outputBytes = await sizeOf(folders.output)
      elsewhereBytes = await scratchBytes().catch(() => elsewhereBytes) // an engine may be away for a while
      measuredAt = Date.now()
    }
    const logBytes = await sizeOfLog(folders)
    if (outputBytes + elsewhereBytes + logBytes > limits.outputBytes)
      throw new JobProblem(
        'DISK_FULL',
        `the job was stopped: it wrote ${outputBytes} bytes to /out, ${elsewhereBytes} to other places in its ` +
          `container and ${logBytes} to its log; the limit is ${limits.outputBytes} together`,
      )
    await delay(lookEveryMs, undefined, { signal })
  }
}

/** Bytes of what was printed, as it is on the disk. */
async function sizeOfLog({ root, log: path }: JobFolders): Promise<number> {
  let sum = 0
  for (const name of Object.values(rawOutputFiles))
    sum += (await stat(join(root, name)).catch(() => undefined))?.size ?? 0
  const log = await stat(path).catch(() => undefined)
  const isCountedInOut = log === undefined || log.nlink > 1
  return isCountedInOut ? sum : sum + log.size
}

/** Bytes of all files in a folder, the log's other name among them; files that vanish meanwhile do not count. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  let sum = 0
  for (const entry of entries)
    if (entry.isFile())
      sum += (await stat(join(entry.parentPath, entry.name)).catch(() => undefined))?.size ?? 0
  return sum
}
