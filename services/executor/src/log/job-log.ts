import { constants, open, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Mask } from '../secret/mask.ts'
import { wholeCharacters } from './characters.ts'
import { logStreams, type LogStream } from './log-stream.ts'
import { encodeRecord, LogRecords, RECORD_BYTES, type Taken } from './records.ts'

const writable = constants.O_RDWR | constants.O_CREAT

/** Where the records of a log lie. */
export function recordsPath(logPath: string): string {
  return join(dirname(logPath), 'log.streams')
}

interface OpenLog {
  readonly log: FileHandle
  readonly records: FileHandle
  recordCount: number
  end: number
  taken: Taken
  /** Brought, and not yet in the log: the beginning of a character, or perhaps of a secret. */
  held: Readonly<Record<LogStream, Buffer>>
}

/**
 * The log of a job: what an image printed, standard output and error in one file in the order in which they were
 * brought, secrets masked. `log.streams` beside it tells which part is from which stream and how much of each stream's
 * source is in the log. Every write goes to the log first and is then recorded: what a kill left unrecorded is cut off
 * and asked for again, so that nothing is lost or doubled. Files are opened when something is first written.
 */
export class JobLog {
  private opened: Promise<OpenLog> | undefined
  private writing: Promise<unknown> = Promise.resolve()

  /**
   * @param mask asked for at each write: secrets may be registered while a job runs
   * @param onWritten called behind each write
   */
  constructor(
    readonly path: string,
    private readonly mask: () => Mask,
    private readonly onWritten: () => void = () => {},
  ) {}

  /** How much of a stream's source is here: bring what follows. */
  taken(stream: LogStream): Promise<number> {
    return this.inTurn(({ taken, held }) => Promise.resolve(taken[stream] + held[stream].length))
  }

  /**
   * Takes what a stream's source has from `offset` on. What is here already is passed over: several may bring the same.
   * @throws Error when bytes before `offset` are missing
   */
  bring(stream: LogStream, offset: number, bytes: Uint8Array): Promise<void> {
    return this.inTurn(async (file) => {
      const known = file.taken[stream] + file.held[stream].length
      if (offset > known)
        throw new Error(`${this.path}: bytes ${known} to ${offset} of ${stream} are missing`)
      const fresh = bytes.subarray(known - offset)
      if (fresh.length === 0) return
      const all = Buffer.concat([file.held[stream], fresh])
      const { masked, used } = this.mask().some(all.subarray(0, wholeCharacters(all)))
      await this.write(file, stream, masked, used)
      file.held = { ...file.held, [stream]: all.subarray(used) }
    })
  }

  /**
   * The sources begin anew, for another attempt: what the log has stays, with a line behind it that says so.
   * An empty log stays empty.
   */
  async beginAnew(line: string): Promise<void> {
    await this.end()
    await this.inTurn(async (file) => {
      if (file.end === 0) return
      file.taken = { STDOUT: 0, STDERR: 0 }
      await this.record(file, 'STDERR', Buffer.from(`${line}\n`))
    })
  }

  /** Nothing more comes: what was held back is written. */
  async end(): Promise<void> {
    if (!this.opened) return
    await this.inTurn(async (file) => {
      for (const stream of logStreams) {
        const left = file.held[stream]
        await this.write(file, stream, this.mask().all(left), left.length)
        file.held = { ...file.held, [stream]: Buffer.alloc(0) }
      }
    })
  }

  /** Lets go of the files; the next write opens them again. */
  async close(): Promise<void> {
    await this.writing.catch(() => {})
    const file = await this.opened?.catch(() => undefined)
    this.opened = undefined
    await file?.log.close()
    await file?.records.close()
  }

  private async write(file: OpenLog, stream: LogStream, bytes: Buffer, used: number): Promise<void> {
    if (used === 0) return
    file.taken = { ...file.taken, [stream]: file.taken[stream] + used }
    await this.record(file, stream, bytes)
  }

  private async record(file: OpenLog, stream: LogStream, bytes: Buffer): Promise<void> {
    const end = file.end + bytes.length
    // at their places instead of at the ends: the image can write to the log's other name in /out
    await writeAll(file.log, bytes, file.end)
    await writeAll(
      file.records,
      encodeRecord({ stream, end, taken: file.taken }),
      file.recordCount * RECORD_BYTES,
    )
    file.recordCount += 1
    file.end = end
    this.onWritten()
  }

  private inTurn<T>(act: (file: OpenLog) => Promise<T>): Promise<T> {
    const turn = this.writing.catch(() => {}).then(async () => act(await this.openOnce()))
    this.writing = turn
    return turn
  }

  private openOnce(): Promise<OpenLog> {
    this.opened ??= openLog(this.path).catch((error: unknown) => {
      this.opened = undefined
      throw error
    })
    return this.opened
  }
}

async function openLog(path: string): Promise<OpenLog> {
  const log = await open(path, writable, 0o644)
  const records = await open(recordsPath(path), writable, 0o644)
  const known = await LogRecords.of(records)
  // a machine that lost power may have kept records and lost what they tell of
  const recordCount = await known.firstBehind((await log.stat()).size)
  const last = await known.at(recordCount - 1)
  await records.truncate(recordCount * RECORD_BYTES)
  await log.truncate(last?.end ?? 0)
  const none = Buffer.alloc(0)
  return {
    log,
    records,
    recordCount,
    end: last?.end ?? 0,
    taken: last?.taken ?? { STDOUT: 0, STDERR: 0 },
    held: { STDOUT: none, STDERR: none },
  }
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written)
    written += bytesWritten
  }
}
