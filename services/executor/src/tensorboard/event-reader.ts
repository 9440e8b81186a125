import { dirname, posix } from 'node:path'
import { inImage, type JobFolders } from '../contract/layout.ts'
import { findOutput } from '../contract/output-file.ts'
import { readEvent, type Scalar, type Tag } from './event.ts'
import { eventFilePaths } from './event-files.ts'
import { longestRecordBytes, readRecords } from './records.ts'

const chunkBytes = 4 * 2 ** 20
/** Of one call, about; the next goes on from there. */
export const mostScalars = 10_000
const searchEveryMs = 1_000

/** A tag of a run. */
export interface RunTag extends Tag {
  /** The sub-folder of the event file; empty for one directly in /out/tensorboard. */
  readonly run: string
}

export interface NewlyLogged {
  /** Their tags begin with the run's name, as TensorBoard shows them. */
  readonly scalars: readonly Scalar[]
  /** Not told before by this reader. */
  readonly tags: readonly RunTag[]
}

/** Reads what is new in the TensorBoard event files of a job. */
export class EventReader {
  private readonly offsets: Map<string, number>
  private readonly toldTags = new Set<string>()
  private files: readonly string[] = []
  private searchedAt = -Infinity

  /** @param offsets how much of each file was read before, in bytes, by path within /out/tensorboard */
  constructor(
    private readonly folders: JobFolders,
    offsets: Readonly<Record<string, number>> = {},
  ) {
    this.offsets = new Map(Object.entries(offsets))
  }

  /** How much of each file was read. */
  get read(): Record<string, number> {
    return Object.fromEntries(this.offsets)
  }

  /** What was written since the last call, of one file in the order written. New files are looked for once a second. */
  async next(): Promise<NewlyLogged> {
    if (performance.now() - this.searchedAt > searchEveryMs || this.files.length === 0) {
      this.files = await eventFilePaths(this.folders)
      this.searchedAt = performance.now()
    }
    const scalars: Scalar[] = []
    const tags: RunTag[] = []
    for (const file of this.files) await this.nextOf(file, scalars, tags)
    return { scalars, tags }
  }

  /** New files may be there. */
  searchAgain(): void {
    this.searchedAt = -Infinity
  }

  /** Takes back the last call, so that what it gave comes again: it could not be stored. */
  rewind(offsets: Readonly<Record<string, number>>, { tags }: NewlyLogged): void {
    this.offsets.clear()
    for (const [file, offset] of Object.entries(offsets)) this.offsets.set(file, offset)
    for (const tag of tags) this.toldTags.delete(keyOf(tag))
  }

  private async nextOf(name: string, scalars: Scalar[], tags: RunTag[]): Promise<void> {
    const run = dirname(name) === '.' ? '' : dirname(name)
    const file = await findOutput(posix.join(inImage.tensorboard, name), this.folders)
    if (!file) return
    try {
      const { size } = await file.stat()
      while (scalars.length < mostScalars) {
        const offset = this.offsets.get(name) ?? 0
        if (offset >= size) return
        // a record that does not fit the usual chunk gets one that holds the longest
        for (const length of [chunkBytes, longestRecordBytes + 16]) {
          const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.min(length, size - offset)), {
            position: offset,
          })
          const { payloads, consumed } = readRecords(buffer.subarray(0, bytesRead))
          for (const payload of payloads) this.take(payload, run, scalars, tags)
          this.offsets.set(name, offset + consumed)
          if (consumed > 0 || bytesRead < length) break
        }
        if (this.offsets.get(name) === offset) return
      }
    } finally {
      await file.close()
    }
  }

  private take(payload: Uint8Array, run: string, scalars: Scalar[], tags: RunTag[]): void {
    try {
      const logged = readEvent(payload)
      for (const scalar of logged.scalars)
        scalars.push({ ...scalar, tag: run ? `${run}/${scalar.tag}` : scalar.tag })
      for (const tag of logged.tags) {
        const runTag = { ...tag, run }
        if (this.toldTags.has(keyOf(runTag))) continue
        this.toldTags.add(keyOf(runTag))
        tags.push(runTag)
      }
    } catch {
      // a record of something else
    }
  }
}

function keyOf({ run, tag }: RunTag): string {
  return JSON.stringify([run, tag])
}
