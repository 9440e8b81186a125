import { open, type FileHandle } from 'node:fs/promises'
import { promisify } from 'node:util'
import { crc32, inflateRaw } from 'node:zlib'
import type { ImportLimits } from '../limits.ts'
import { BadArchive, BadItem } from '../problem.ts'
import { findCentralDirectory, readAt, readEntries, truncated, type ZipEntry } from './central-directory.ts'

export type { ZipEntry } from './central-directory.ts'

const inflate = promisify(inflateRaw)

/**
 * A zip archive on disk. The directory at its end is read, not the headers on the way: only it tells symbolic links,
 * sizes and what is no longer part of the archive, so that a hostile archive is refused before a byte is unpacked.
 */
export class Archive {
  private constructor(
    private readonly file: FileHandle,
    private readonly fileSize: number,
    private readonly limits: ImportLimits,
  ) {}

  /** @throws BadArchive when it is no zip archive */
  static async open(path: string, limits: ImportLimits): Promise<Archive> {
    const file = await open(path)
    try {
      const { size } = await file.stat()
      return new Archive(file, size, limits)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /**
   * The files in it, without folders.
   * @throws BadArchive for names that leave the archive, links, encryption, and more than the limits allow
   */
  async *entries(): AsyncGenerator<ZipEntry> {
    const directory = await findCentralDirectory(this.file, this.fileSize)
    if (directory.entryCount > this.limits.entries)
      throw refused(`has ${directory.entryCount} entries; ${this.limits.entries} are allowed`, 'split it')
    let unpacked = 0
    let packed = 0
    for await (const entry of readEntries(this.file, directory)) {
      checkEntry(entry)
      unpacked += entry.size
      packed += entry.compressedSize
      this.checkTotals(unpacked, packed)
      if (!entry.name.endsWith('/')) yield entry
    }
  }

  /**
   * Unpacks one file. Never makes more bytes than the directory says and `maxBytes` allows.
   * @throws BadItem when it is too large or damaged
   */
  async read(entry: ZipEntry, maxBytes: number): Promise<Buffer> {
    const { name: file, size, compressedSize } = entry
    if (size > maxBytes)
      throw new BadItem({
        file,
        found: `${size} bytes`,
        problem: `are more than the ${maxBytes} allowed`,
        remedy: 'make it smaller or leave it out',
      })
    const packed = await this.readPacked(entry)
    const damaged = new BadItem({ file, problem: 'is damaged in the archive', remedy: 'pack it again' })
    if (packed.length !== compressedSize) throw damaged
    if (entry.method !== 0 && entry.method !== 8)
      throw new BadItem({
        file,
        found: `compression method ${entry.method}`,
        problem: 'is not supported',
        remedy: 'pack it with deflate, as `zip` does',
      })
    const bytes =
      entry.method === 0
        ? packed
        : await inflate(packed, { maxOutputLength: size || 1 }).catch(() => undefined)
    if (bytes?.length !== size || crc32(bytes) !== entry.crc32) throw damaged
    return bytes
  }

  close(): Promise<void> {
    return this.file.close()
  }

  private async readPacked({ offset, compressedSize }: ZipEntry): Promise<Buffer> {
    const header = await readAt(this.file, offset, offset + 30)
    if (header.length < 30 || header.readUInt32LE(0) !== 0x04034b50) throw truncated()
    const start = offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28)
    return readAt(this.file, start, start + compressedSize)
  }

  private checkTotals(unpacked: number, packed: number) {
    const { totalBytes, ratio, ratioFromBytes } = this.limits
    if (unpacked > totalBytes)
      throw refused(`unpacks to more than the ${totalBytes} bytes allowed`, 'split it')
    if (unpacked > ratioFromBytes && unpacked > this.fileSize * ratio)
      throw refused(
        `unpacks to more than ${ratio} times its ${this.fileSize} bytes: it looks like a zip bomb`,
        'pack the images as they are',
      )
    if (packed > this.fileSize)
      throw refused(
        'says that its files overlap: it looks like a zip bomb',
        'pack it again with a usual tool',
      )
  }
}

function checkEntry({ name: file, encrypted, symbolicLink }: ZipEntry) {
  if (/^([a-z]:)?\//i.test(file) || file.split('/').includes('..') || file.includes('\0'))
    throw new BadArchive({
      file: JSON.stringify(file).slice(1, -1),
      problem: 'is a name that leads out of the archive',
      remedy: 'pack the folder itself, with relative names',
    })
  if (symbolicLink)
    throw new BadArchive({ file, problem: 'is a symbolic link', remedy: 'pack the files themselves' })
  if (encrypted) throw new BadArchive({ file, problem: 'is encrypted', remedy: 'pack it without a password' })
}

function refused(problem: string, remedy: string): BadArchive {
  return new BadArchive({ file: 'archive', problem, remedy })
}
