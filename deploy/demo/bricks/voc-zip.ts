import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import { Zip, ZipDeflate, ZipPassThrough } from 'fflate'

/** Zip keeps local time without a zone: these parts, not an instant, are the same everywhere. */
const everyFilesTime = new Date(2026, 0, 1)

/** A Pascal VOC archive as it is written to disk: `images/*.jpg` with `annotations/*.xml`. Same content, same bytes. */
export class VocZip {
  private readonly output
  private readonly zip
  private failure: Error | undefined

  constructor(file: string) {
    this.output = createWriteStream(file)
    this.output.on('error', (error) => (this.failure ??= error))
    this.zip = new Zip((error, chunk, isLast) => {
      this.failure ??= error ?? undefined
      this.output.write(chunk)
      if (isLast) this.output.end()
    })
  }

  /**
   * @param name of the image without its extension
   * @throws the file system's error, when the archive cannot be written
   */
  async add(name: string, jpeg: Uint8Array, xml: string): Promise<void> {
    this.push(new ZipPassThrough(`images/${name}.jpg`), jpeg) // JPEG does not shrink
    this.push(new ZipDeflate(`annotations/${name}.xml`, { level: 6 }), new TextEncoder().encode(xml))
    if (this.failure) throw this.failure
    if (this.output.writableNeedDrain) await once(this.output, 'drain')
  }

  /** Writes the table of contents; the archive is complete when this has settled. */
  async close(): Promise<void> {
    this.zip.end()
    await finished(this.output)
  }

  /** Ends without a table of contents: what was written is no archive. */
  abandon(): void {
    this.zip.terminate()
    this.output.destroy()
  }

  private push(file: ZipPassThrough | ZipDeflate, bytes: Uint8Array): void {
    file.mtime = everyFilesTime
    this.zip.add(file)
    file.push(bytes, true)
  }
}
