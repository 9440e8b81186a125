import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const heldBytes = 256 * 1024

/** The directory at the end of a zip archive while it grows: on disk once it is long, as two million files have 250 MB of it. */
export class ZipDirectory {
  count = 0
  /** Bytes. */
  length = 0
  private held: Buffer[] = []
  private heldLength = 0
  private spooled: { readonly folder: string; readonly file: FileHandle } | undefined

  async add(entry: Buffer): Promise<void> {
    this.count++
    this.length += entry.length
    this.heldLength += entry.length
    this.held.push(entry)
    if (this.heldLength >= heldBytes) await this.writeHeld()
  }

  /** All entries, in their order; nothing is added later. */
  async *read(): AsyncGenerator<Buffer> {
    if (this.spooled)
      // the stream has no encoding: it gives bytes
      yield* this.spooled.file.createReadStream({ start: 0, autoClose: false }) as AsyncIterable<Buffer>
    yield* this.held
  }

  async remove(): Promise<void> {
    await this.spooled?.file.close()
    if (this.spooled) await rm(this.spooled.folder, { recursive: true, force: true })
  }

  private async writeHeld(): Promise<void> {
    this.spooled ??= await openSpool()
    await this.spooled.file.appendFile(Buffer.concat(this.held))
    this.held = []
    this.heldLength = 0
  }
}

async function openSpool() {
  const folder = await mkdtemp(join(tmpdir(), 'ymir-export-'))
  return { folder, file: await open(join(folder, 'directory'), 'a+') }
}
