import type { FileHandle } from 'node:fs/promises'
import { decodeName } from '../archived-name.ts'
import { BadArchive } from '../problem.ts'

/** A file in a zip archive, as the archive's central directory describes it (PKWARE APPNOTE 6.3.10). */
export interface ZipEntry {
  /** With forward slashes, as written otherwise: not safe as a path. */
  readonly name: string
  /** 0: stored, 8: deflated. */
  readonly method: number
  readonly encrypted: boolean
  readonly symbolicLink: boolean
  readonly crc32: number
  readonly compressedSize: number
  readonly size: number
  /** Where its local header begins. */
  readonly offset: number
}

export interface CentralDirectory {
  readonly entryCount: number
  readonly offset: number
  readonly length: number
}

const END = 0x06054b50
const ZIP64_END = 0x06064b50
const ZIP64_LOCATOR = 0x07064b50
const ENTRY = 0x02014b50
const endLength = 22
const longestComment = 0xffff
const entryLength = 46

/** @throws BadArchive when the file is no zip archive or its end is missing */
export async function findCentralDirectory(file: FileHandle, fileSize: number): Promise<CentralDirectory> {
  const tail = await readAt(file, Math.max(0, fileSize - endLength - longestComment), fileSize)
  const at = findEnd(tail)
  if (at === undefined) throw await notAnArchive(file)
  const end = tail.subarray(at)
  const directory = {
    entryCount: end.readUInt16LE(10),
    length: end.readUInt32LE(12),
    offset: end.readUInt32LE(16),
  }
  const isZip64 =
    directory.entryCount === 0xffff || directory.length === 0xffffffff || directory.offset === 0xffffffff
  const found =
    isZip64 && at >= 20 ? await findZip64(file, fileSize, tail.subarray(at - 20, at), directory) : directory
  if (found.offset + found.length > fileSize) throw truncated()
  return found
}

/** Reads the directory piece by piece: it can be long, and is not kept. */
export async function* readEntries(file: FileHandle, directory: CentralDirectory): AsyncGenerator<ZipEntry> {
  const end = directory.offset + directory.length
  let position = directory.offset
  let rest: Buffer = Buffer.alloc(0)
  for (let number = 0; number < directory.entryCount;) {
    const piece = await readAt(file, position, Math.min(end, position + 1024 * 1024))
    position += piece.length
    const bytes = rest.length ? Buffer.concat([rest, piece]) : piece
    let at = 0
    while (number < directory.entryCount) {
      const length = lengthOfEntry(bytes, at)
      if (length === undefined || at + length > bytes.length) break
      yield parseEntry(bytes.subarray(at, at + length))
      at += length
      number++
    }
    if (number < directory.entryCount && piece.length === 0) throw truncated()
    rest = bytes.subarray(at)
  }
}

export async function readAt(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(Math.max(0, end - start))
  const { bytesRead } = await file.read(bytes, 0, bytes.length, start)
  return bytes.subarray(0, bytesRead)
}

export function truncated(): BadArchive {
  return new BadArchive({
    file: 'archive',
    problem: 'is cut short: its directory of files is missing or incomplete',
    remedy: 'upload it again; `unzip -t` tells whether the original is whole',
  })
}

async function notAnArchive(file: FileHandle): Promise<BadArchive> {
  const start = await readAt(file, 0, 4)
  if (start.toString('latin1') === 'PK\x03\x04') return truncated()
  return new BadArchive({
    file: 'archive',
    problem: 'is not a zip archive',
    remedy: 'pack images/ and annotations/ into a .zip, .tar or .tar.gz file',
  })
}

/** The end record is last but for a comment whose length it states. */
function findEnd(tail: Buffer): number | undefined {
  for (let at = tail.length - endLength; at >= 0; at--)
    if (tail.readUInt32LE(at) === END && at + endLength + tail.readUInt16LE(at + 20) === tail.length)
      return at
  return undefined
}

async function findZip64(file: FileHandle, fileSize: number, locator: Buffer, plain: CentralDirectory) {
  if (locator.readUInt32LE(0) !== ZIP64_LOCATOR) return plain
  const offset = Number(locator.readBigUInt64LE(8))
  const end = await readAt(file, offset, Math.min(fileSize, offset + 56))
  if (end.length < 56 || end.readUInt32LE(0) !== ZIP64_END) throw truncated()
  return {
    entryCount: Number(end.readBigUInt64LE(32)),
    length: Number(end.readBigUInt64LE(40)),
    offset: Number(end.readBigUInt64LE(48)),
  }
}

function lengthOfEntry(bytes: Buffer, at: number): number | undefined {
  if (at + entryLength > bytes.length) return undefined
  if (bytes.readUInt32LE(at) !== ENTRY) throw truncated()
  return entryLength + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
}

function parseEntry(bytes: Buffer): ZipEntry {
  const flags = bytes.readUInt16LE(8)
  const nameEnd = entryLength + bytes.readUInt16LE(28)
  const extra = bytes.subarray(nameEnd, nameEnd + bytes.readUInt16LE(30))
  const unixMode = bytes.readUInt32LE(38) >>> 16
  return {
    name: decodeName(bytes.subarray(entryLength, nameEnd)),
    method: bytes.readUInt16LE(10),
    encrypted: (flags & 1) === 1,
    symbolicLink: (unixMode & 0o170000) === 0o120000,
    crc32: bytes.readUInt32LE(16),
    ...sizesOf(bytes, extra),
  }
}

/** Values that do not fit 32 bits stand in the zip64 extra field, in this order, each only if needed. */
function sizesOf(bytes: Buffer, extra: Buffer): Pick<ZipEntry, 'size' | 'compressedSize' | 'offset'> {
  const sizes = [bytes.readUInt32LE(24), bytes.readUInt32LE(20), bytes.readUInt32LE(42)]
  const long = zip64Field(extra)
  let at = 0
  const [size, compressedSize, offset] = sizes.map((value) => {
    if (value !== 0xffffffff || at + 8 > long.length) return value
    at += 8
    return Number(long.readBigUInt64LE(at - 8))
  })
  return { size: size!, compressedSize: compressedSize!, offset: offset! }
}

function zip64Field(extra: Buffer): Buffer {
  for (let at = 0; at + 4 <= extra.length;) {
    const length = extra.readUInt16LE(at + 2)
    if (extra.readUInt16LE(at) === 1) return extra.subarray(at + 4, at + 4 + length)
    at += 4 + length
  }
  return Buffer.alloc(0)
}
