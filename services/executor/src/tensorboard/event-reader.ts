import { open, readdir } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { scalarsOf, type Scalar } from './event.ts'
import { longestRecordBytes, readRecords } from './records.ts'

const chunkBytes = 4 * 2 ** 20

/**
 * Reads what is new in the TensorBoard event files of a folder. A file in a sub-folder is a run of its own: its tags
 * begin with the sub-folder's name, as TensorBoard shows them.
 */
export class ScalarReader {
  private readonly offsets: Map<string, number>

  /** @param offsets how much of each file was read before, in bytes, by path within the folder */
  constructor(
    private readonly folder: string,
    offsets: Readonly<Record<string, number>> = {},
  ) {
    this.offsets = new Map(Object.entries(offsets))
  }

  /** How much of each file was read. */
  get read(): Record<string, number> {
    return Object.fromEntries(this.offsets)
  }

  /** Scalars written since the last call, those of one file in the order written. */
  async next(): Promise<Scalar[]> {
    const scalars: Scalar[] = []
    for (const file of await this.eventFiles()) scalars.push(...(await this.nextOf(file)))
    return scalars
  }

  /** Takes back the last call, so that its scalars come again: they could not be stored. */
  rewind(offsets: Readonly<Record<string, number>>): void {
    this.offsets.clear()
    for (const [file, offset] of Object.entries(offsets)) this.offsets.set(file, offset)
  }

  private async eventFiles(): Promise<string[]> {
    const entries = await readdir(this.folder, { recursive: true, withFileTypes: true }).catch(() => [])
    return entries
      .filter((entry) => entry.isFile() && entry.name.includes('tfevents'))
      .map((entry) => relative(this.folder, join(entry.parentPath, entry.name)))
      .sort()
  }

  private async nextOf(name: string): Promise<Scalar[]> {
    const run = dirname(name) === '.' ? '' : `${dirname(name)}/`
    const scalars: Scalar[] = []
    const file = await open(join(this.folder, name)).catch(() => undefined)
    if (!file) return []
    try {
      const { size } = await file.stat()
      for (;;) {
        const offset = this.offsets.get(name) ?? 0
        if (offset >= size) return scalars
        // a record that does not fit the usual chunk gets one that holds the longest
        for (const length of [chunkBytes, longestRecordBytes + 16]) {
          const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.min(length, size - offset)), {
            position: offset,
          })
          const { payloads, consumed } = readRecords(buffer.subarray(0, bytesRead))
          for (const payload of payloads) scalars.push(...prefixed(run, payload))
          this.offsets.set(name, offset + consumed)
          if (consumed > 0 || bytesRead < length) break
        }
        if (this.offsets.get(name) === offset) return scalars
      }
    } finally {
      await file.close()
    }
  }
}

function prefixed(run: string, payload: Uint8Array): Scalar[] {
  try {
    return scalarsOf(payload).map((scalar) => ({ ...scalar, tag: run + scalar.tag }))
  } catch {
    return [] // a record of something else
  }
}
