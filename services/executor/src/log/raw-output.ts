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
export async function followRawOutput(root: string, jobLog: JobLog, signal: AbortSignal): Promise<void> {
  const changes = new Changes()
  const places = logStreams.map((stream) => join(root, rawOutputFiles[stream]))
  try {
    while (!signal.aborted) {
      changes.arm(places)
      await takeRawOutput(root, jobLog, signal).catch((error: unknown) => {
        if (!signal.aborted) log.warn(`${jobLog.path} will be written again: ${String(error)}`)
      })
      await changes.wait(lookEveryMs, signal)
      await delay(pauseMs, undefined, { signal }).catch(() => {})
    }
  } finally {
    changes.close()
  }
}

/** Brings to the log all that the files have, a chunk of each stream in turn. */
export async function takeRawOutput(root: string, jobLog: JobLog, signal?: AbortSignal): Promise<void> {
  const files: [LogStream, FileHandle][] = []
  try {
    for (const stream of logStreams) {
      const file = await open(join(root, rawOutputFiles[stream])).catch(ignoreMissing)
      if (file) files.push([stream, file])
    }
    const chunk = Buffer.alloc(chunkBytes)
    const isDone = async ([stream, file]: [LogStream, FileHandle]) => {
      const position = await jobLog.taken(stream)
      const { bytesRead } = await file.read(chunk, { position })
      if (bytesRead) await jobLog.bring(stream, position, chunk.subarray(0, bytesRead))
      return bytesRead < chunkBytes
    }
    for (let rest = files; rest.length > 0;) {
      const unfinished: typeof files = []
      for (const one of rest) {
        signal?.throwIfAborted()
        if (!(await isDone(one))) unfinished.push(one)
      }
      rest = unfinished
    }
  } finally {
    for (const [, file] of files) await file.close()
  }
}

/** The log has it all. */
export async function removeRawOutput(root: string): Promise<void> {
  for (const stream of logStreams) await rm(join(root, rawOutputFiles[stream]), { force: true })
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
