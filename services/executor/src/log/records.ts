import type { FileHandle } from 'node:fs/promises'
import type { LogStream } from './log-stream.ts'

/** Bytes of each stream's source that are in the log. */
export type Taken = Readonly<Record<LogStream, number>>

/** A line of `log.streams`: which stream a part of the log came from, and how far log and sources are behind it. */
export interface LogRecord {
  readonly stream: LogStream
  /** Where the part ends in the log; it begins where the one before ends. */
  readonly end: number
  readonly taken: Taken
}

/** One byte for the stream and three offsets of five bytes: a terabyte is more than any log. */
export const RECORD_BYTES = 16
const OFFSET_BYTES = 5
const STDERR_MARK = 2
const tailRecords = 256

export function encodeRecord({ stream, end, taken }: LogRecord): Buffer {
  const bytes = Buffer.alloc(RECORD_BYTES)
  bytes.writeUInt8(stream === 'STDERR' ? STDERR_MARK : 1, 0)
  bytes.writeUIntBE(end, 1, OFFSET_BYTES)
  bytes.writeUIntBE(taken.STDOUT, 6, OFFSET_BYTES)
  bytes.writeUIntBE(taken.STDERR, 11, OFFSET_BYTES)
  return bytes
}

function decodeRecord(bytes: Buffer): LogRecord {
  return {
    stream: bytes.readUInt8(0) === STDERR_MARK ? 'STDERR' : 'STDOUT',
    end: bytes.readUIntBE(1, OFFSET_BYTES),
    taken: { STDOUT: bytes.readUIntBE(6, OFFSET_BYTES), STDERR: bytes.readUIntBE(11, OFFSET_BYTES) },
  }
}

/** Reads the records of an open `log.streams`. */
export class LogRecords {
  private constructor(
    private readonly file: FileHandle,
    /** Whole ones; what a kill left of another does not count. */
    readonly count: number,
  ) {}

  static async of(file: FileHandle): Promise<LogRecords> {
    return new LogRecords(file, Math.floor((await file.stat()).size / RECORD_BYTES))
  }

  async at(index: number): Promise<LogRecord | undefined> {
    return (await this.from(index, 1))[0]
  }

  /** Some records in order, from one on. */
  async from(index: number, atMost: number): Promise<LogRecord[]> {
    const wanted = Math.max(0, Math.min(atMost, this.count - index))
    if (index < 0 || wanted === 0) return []
    const { bytesRead, buffer } = await this.file.read(Buffer.alloc(wanted * RECORD_BYTES), {
      position: index * RECORD_BYTES,
    })
    return Array.from({ length: Math.floor(bytesRead / RECORD_BYTES) }, (_, number) =>
      decodeRecord(buffer.subarray(number * RECORD_BYTES, (number + 1) * RECORD_BYTES)),
    )
  }

  /** Index of the first record whose part ends behind an offset of the log; `count` when there is none. */
  async firstBehind(offset: number): Promise<number> {
    // whoever follows a log asks for its end: one read then instead of a search
    const tailAt = Math.max(0, this.count - tailRecords)
    const tail = await this.from(tailAt, tailRecords)
    if (tailAt === 0 || (tail[0]?.end ?? Infinity) <= offset) {
      const found = tail.findIndex(({ end }) => end > offset)
      return found < 0 ? this.count : tailAt + found
    }
    let low = 0
    let high = tailAt + 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (((await this.at(middle))?.end ?? Infinity) > offset) high = middle
      else low = middle + 1
    }
    return low
  }
}
