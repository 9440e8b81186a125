import { readSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { readAt } from './central-directory.ts'

const windowBytes = 256 * 1024
/** Images and their annotations often lie in two places of an archive, each in order. */
const windowCount = 4

/**
 * Reads a file in pieces that lie close to each other, as those of an archive do, with few calls. Small pieces are read ahead
 * on this thread, which costs less than handing them to another.
 */
export class FileWindows {
  private windows: { readonly start: number; readonly bytes: Buffer }[] = []

  constructor(
    private readonly file: FileHandle,
    private readonly fileSize: number,
  ) {}

  /** @returns fewer bytes where the file ends */
  async read(start: number, end: number): Promise<Buffer> {
    if (end - start > windowBytes / 4) return readAt(this.file, start, end)
    const found = this.windows.find((one) => one.start <= start && end <= one.start + one.bytes.length)
    const window = found ?? this.open(start)
    return window.bytes.subarray(start - window.start, end - window.start)
  }

  /** In the place of the oldest. */
  private open(start: number) {
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(windowBytes, this.fileSize - start)))
    const length = readSync(this.file.fd, bytes, 0, bytes.length, start)
    const window = { start, bytes: bytes.subarray(0, length) }
    this.windows = [window, ...this.windows.slice(0, windowCount - 1)]
    return window
  }
}
