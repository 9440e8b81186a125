import { open, type FileHandle } from 'node:fs/promises'
import { wholeCharacters } from './characters.ts'
import { recordsPath } from './job-log.ts'
import { LogRecords } from './records.ts'
import type { LogStream } from './log-stream.ts'

/** Text of one stream. */
export interface LogPiece {
  readonly stream: LogStream
  /** Where it starts in the log, in bytes. */
  readonly offset: number
  /** Where it ends in the log; text that is no UTF-8 has other bytes there than here. */
  readonly nextOffset: number
  readonly text: string
}

/** A part of a log. */
export interface LogPart {
  readonly offset: number
  readonly nextOffset: number
  readonly pieces: readonly LogPiece[]
}

export const longestPartBytes = 64 * 1024
const recordsAtOnce = 4_096

/**
 * Reads a log from a byte on, up to what is recorded. A character whose last bytes are not there yet is left for later.
 * @param limit bytes at most
 * @returns an empty part when there is nothing new, or no log
 */
export async function readLog(
  path: string,
  offset: number,
  { limit = longestPartBytes }: { limit?: number } = {},
): Promise<LogPart> {
  const nothing = { offset, nextOffset: offset, pieces: [] }
  const log = await open(path).catch(ignoreMissing)
  if (!log) return nothing
  try {
    const spans = await spansFrom(path, log, offset, limit)
    const start = spans[0]?.start ?? offset
    const length = (spans.at(-1)?.end ?? offset) - start
    const { bytesRead, buffer } = await log.read(Buffer.alloc(Math.min(limit, length)), { position: start })
    const pieces: LogPiece[] = []
    for (const { stream, start: from, end } of spans) {
      const bytes = buffer.subarray(from - start, Math.min(end - start, bytesRead))
      // the end of a span is the end of a character, where it is one
      const isWhole = bytes.length === end - from
      const used = isWhole ? bytes.length : wholeCharacters(bytes)
      if (used === 0) break
      pieces.push({ stream, offset: from, nextOffset: from + used, text: bytes.toString('utf8', 0, used) })
      if (!isWhole) break
    }
    return { offset, nextOffset: pieces.at(-1)?.nextOffset ?? offset, pieces }
  } finally {
    await log.close()
  }
}

interface Span {
  readonly stream: LogStream
  readonly start: number
  readonly end: number
}

/** Which parts are from which stream, adjacent ones of one stream joined; the last may be longer than the limit. */
async function spansFrom(path: string, log: FileHandle, offset: number, limit: number): Promise<Span[]> {
  const file = await open(recordsPath(path)).catch(ignoreMissing)
  if (!file) {
    // a log of a release that did not tell streams apart
    const { size } = await log.stat()
    return size > offset ? [{ stream: 'STDOUT', start: offset, end: size }] : []
  }
  try {
    const records = await LogRecords.of(file)
    const spans: Span[] = []
    let index = await records.firstBehind(offset)
    let start = offset
    while (start < offset + limit) {
      const some = await records.from(index, recordsAtOnce)
      if (some.length === 0) break
      index += some.length
      for (const { stream, end } of some) {
        const last = spans.at(-1)
        if (last?.stream === stream) spans[spans.length - 1] = { ...last, end }
        else if (start < offset + limit) spans.push({ stream, start, end })
        start = end
      }
    }
    return spans
  } finally {
    await file.close()
  }
}

/** Where the log ends so far, in bytes. */
export async function logEnd(path: string): Promise<number> {
  const file = await open(recordsPath(path)).catch(ignoreMissing)
  try {
    if (file) {
      const records = await LogRecords.of(file)
      return (await records.at(records.count - 1))?.end ?? 0
    }
  } finally {
    await file?.close()
  }
  const log = await open(path).catch(ignoreMissing)
  try {
    return (await log?.stat())?.size ?? 0
  } finally {
    await log?.close()
  }
}

/** The last lines of a log, for a failure. */
export async function readLogTail(path: string, lines = 50): Promise<string> {
  const end = await logEnd(path)
  const { pieces } = await readLog(path, Math.max(0, end - longestPartBytes))
  const all = pieces
    .map(({ text }) => text)
    .join('')
    .trimEnd()
    .split('\n')
  return all.slice(-lines).join('\n')
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
