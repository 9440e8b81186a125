import { open, type FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { crc32, createInflateRaw, inflateRaw, inflateRawSync } from 'node:zlib'
import type { FileEntry, Files } from '../../format/format.ts'
import { checkName, checkSize, isLink, refusedArchive } from '../archived-name.ts'
import type { ImportLimits } from '../limits.ts'
import { BadArchive, BadItem } from '../problem.ts'
import { FileWindows } from './file-windows.ts'
import { findCentralDirectory, readAt, readEntries, truncated, type ZipEntry } from './central-directory.ts'

export type { ZipEntry } from './central-directory.ts'

const inflate = promisify(inflateRaw)
/** Unpacked on this thread: handing it to another costs more. */
const smallBytes = 256 * 1024
const pieceBytes = 1024 * 1024

/**
 * A zip archive on disk. The directory at its end is read, not the headers on the way: only it tells symbolic links,
 * sizes and what is no longer part of the archive, so that a hostile archive is refused before a byte is unpacked.
 */
export class Archive implements Files {
  private readonly windows: FileWindows

  private constructor(
    private readonly file: FileHandle,
    private readonly fileSize: number,
    private readonly limits: ImportLimits,
  ) {
    this.windows = new FileWindows(file, fileSize)
  }

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
      throw refusedArchive(
        `has ${directory.entryCount} entries; ${this.limits.entries} are allowed`,
        'split it',
      )
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
  async read(wanted: FileEntry, maxBytes: number): Promise<Buffer> {
    const entry = readable(wanted, maxBytes)
    const packed = await this.readPacked(entry)
    if (packed.length !== entry.compressedSize) throw damaged(entry)
    const bytes = entry.method === 0 ? packed : await unpack(packed, entry.size).catch(() => undefined)
    if (bytes?.length !== entry.size || crc32(bytes) !== entry.crc32) throw damaged(entry)
    return bytes
  }

  /** As `read`; damage shows at the latest after the last piece. */
  async *stream(wanted: FileEntry, maxBytes: number): AsyncGenerator<Uint8Array> {
    const entry = readable(wanted, maxBytes)
    const start = await this.startOf(entry)
    const packed = this.pieces(start, start + entry.compressedSize)
    const pieces = entry.method === 0 ? packed : Readable.from(packed).pipe(createInflateRaw())
    let size = 0
    let sum = 0
    try {
      for await (const piece of pieces as AsyncIterable<Buffer>) {
        // a pipe of bytes gives bytes
        size += piece.length
        if (size > entry.size) throw damaged(entry)
        sum = crc32(piece, sum)
        yield piece
      }
    } catch (error) {
      throw isZlibError(error) ? damaged(entry) : error
    }
    if (size !== entry.size || sum !== entry.crc32) throw damaged(entry)
  }

  close(): Promise<void> {
    return this.file.close()
  }

  /** The local header repeats the name, and may have more behind it than the directory says. */
  private async readPacked({ name, offset, compressedSize }: ZipEntry): Promise<Buffer> {
    const expected = offset + 30 + Buffer.byteLength(name) + 64 + compressedSize
    const bytes = await this.windows.read(offset, Math.min(expected, this.fileSize))
    const start = startAfterHeader(bytes)
    if (start + compressedSize <= bytes.length) return bytes.subarray(start, start + compressedSize)
    return readAt(this.file, offset + start, offset + start + compressedSize)
  }

  private async startOf({ offset }: ZipEntry): Promise<number> {
    return offset + startAfterHeader(await readAt(this.file, offset, offset + 30))
  }

  private async *pieces(start: number, end: number): AsyncGenerator<Buffer> {
    for (let at = start; at < end; at += pieceBytes)
      yield await readAt(this.file, at, Math.min(end, at + pieceBytes))
  }

  private checkTotals(unpacked: number, packed: number) {
    const { totalBytes, ratio, ratioFromBytes } = this.limits
    if (unpacked > totalBytes)
      throw refusedArchive(`unpacks to more than the ${totalBytes} bytes allowed`, 'split it')
    if (unpacked > ratioFromBytes && unpacked > this.fileSize * ratio)
      throw refusedArchive(
        `unpacks to more than ${ratio} times its ${this.fileSize} bytes: it looks like a zip bomb`,
        'pack the images as they are',
      )
    if (packed > this.fileSize)
      throw refusedArchive(
        'says that its files overlap: it looks like a zip bomb',
        'pack it again with a usual tool',
      )
  }
}

function startAfterHeader(header: Buffer): number {
  if (header.length < 30 || header.readUInt32LE(0) !== 0x04034b50) throw truncated()
  return 30 + header.readUInt16LE(26) + header.readUInt16LE(28)
}

async function unpack(packed: Buffer, size: number): Promise<Buffer> {
  const limit = { maxOutputLength: size || 1 }
  return size <= smallBytes ? inflateRawSync(packed, limit) : inflate(packed, limit)
}

function readable(wanted: FileEntry, maxBytes: number): ZipEntry {
  const entry = wanted as ZipEntry // only entries() makes them
  const { name: file, method } = entry
  checkSize(entry, maxBytes)
  if (method !== 0 && method !== 8)
    throw new BadItem({
      file,
      found: `compression method ${method}`,
      problem: 'is not supported',
      remedy: 'pack it with deflate, as `zip` does',
    })
  return entry
}

function damaged({ name: file }: FileEntry): BadItem {
  return new BadItem({ file, problem: 'is damaged in the archive', remedy: 'pack it again' })
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}

function checkEntry({ name: file, encrypted, symbolicLink }: ZipEntry) {
  checkName(file)
  if (symbolicLink) throw isLink(file, 'symbolic link')
  if (encrypted) throw new BadArchive({ file, problem: 'is encrypted', remedy: 'pack it without a password' })
}
