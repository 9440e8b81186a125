import { open, rm, writeFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { log } from '@ymir/service'
import { Changes } from '../watch/changes.ts'
import type { JobLog } from './job-log.ts'
import { logStreams, type LogStream } from './log-stream.ts'

/** Where a wrapper without this service beside it puts what the image prints. */
export const rawOutputFiles: Readonly<Record<LogStream, string>> = {
  STDOUT: 'stdout.raw',
  STDERR: 'stderr.raw',
}

const chunkBytes = 256 * 1024
const lookEveryMs = 200
/** So that lines printed one by one are taken together. */
const pauseMs = 20

/** Makes the files, empty, for nobody else to read: secrets are not masked in them. */
export async function makeRawOutput(root: string): Promise<void> {
  for (const stream of logStreams)
    await writeFile(join(root, rawOutputFiles[stream]), '', { mode: 0o600, flag: 'w' })
}

/** Brings to the log what the files have, as it comes, until the signal aborts. */
async function followRawOutput(root: string, jobLog: JobLog, signal: AbortSignal): Promise<void> {
  const changes = new Changes()
  const output = new RawOutput(root, jobLog)
  try {
    while (!signal.aborted) {
      changes.arm(Object.values(rawOutputFiles).map((name) => join(root, name)))
      await output.take(signal).catch((error: unknown) => {
        if (!signal.aborted) log.warn(`${jobLog.path} will be written again: ${String(error)}`)
      })
      await changes.wait(lookEveryMs, signal)
      await delay(pauseMs, undefined, { signal }).catch(() => {})
    }
  } finally {
    changes.close()
    await output.close()
  }
}

/**
 * Brings to the log what the files have while something goes on, and all of it when that has ended.
 * @throws what `act` throws; the log is left as it is then
 */
export async function whileFollowing<T>(
  root: string,
  jobLog: JobLog,
  signal: AbortSignal,
  act: () => Promise<T>,
): Promise<T> {
  const following = new AbortController()
  const followed = followRawOutput(root, jobLog, AbortSignal.any([signal, following.signal]))
  try {
    const result = await act()
    following.abort()
    await followed
    await completeLog(root, jobLog)
    return result
  } finally {
    following.abort()
    await followed
  }
}

/** Nothing more is printed: the log gets the rest. */
export async function completeLog(root: string, jobLog: JobLog): Promise<void> {
  await takeRawOutput(root, jobLog)
  await jobLog.end()
}

/** Brings to the log all that the files have. */
export async function takeRawOutput(root: string, jobLog: JobLog): Promise<void> {
  const output = new RawOutput(root, jobLog)
  try {
    await output.take()
  } finally {
    await output.close()
  }
}

class RawOutput {
  private readonly files = new Map<LogStream, FileHandle>()
  private readonly chunk = Buffer.alloc(chunkBytes)

  constructor(
    private readonly root: string,
    private readonly jobLog: JobLog,
  ) {}

  /** Takes all that is there, a chunk of each stream in turn. */
  async take(signal?: AbortSignal): Promise<void> {
    for (let rest = logStreams; rest.length > 0;) {
      const unfinished: LogStream[] = []
      for (const stream of rest) {
        signal?.throwIfAborted()
        if (await this.takeChunk(stream)) unfinished.push(stream)
      }
      rest = unfinished
    }
  }

  async close(): Promise<void> {
    for (const file of this.files.values()) await file.close()
  }

  /** @returns whether there may be more */
  private async takeChunk(stream: LogStream): Promise<boolean> {
    const file =
      this.files.get(stream) ?? (await open(join(this.root, rawOutputFiles[stream])).catch(ignoreMissing))
    if (!file) return false
    this.files.set(stream, file)
    const position = await this.jobLog.taken(stream)
    const { bytesRead } = await file.read(this.chunk, { position })
    if (bytesRead) await this.jobLog.bring(stream, position, this.chunk.subarray(0, bytesRead))
    return bytesRead === chunkBytes
  }
}

/** The log has it all. */
export async function removeRawOutput(root: string): Promise<void> {
  for (const stream of logStreams) await rm(join(root, rawOutputFiles[stream]), { force: true })
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
