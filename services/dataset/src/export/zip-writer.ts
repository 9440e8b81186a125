import { crc32 } from 'node:zlib'
import { type ArchivedFile, bytesOf, sizeOf } from './archived-file.ts'
import { ZipDirectory } from './zip-directory.ts'

/** 1 January 1980, the earliest that zip can say: an archive tells its content, not when it was made. */
const DATE = 0x0021
const utf8Names = 0x0800

/**
 * A zip archive as a stream of bytes, equal for equal files: stored, not deflated, because images are packed already and a
 * deflated byte may differ from one zlib to the next. Zip64 where sizes need it (PKWARE APPNOTE 6.3.10). Checksums and sizes
 * stand before the bytes, where readers of streams need them.
 */
export async function* zipOf(files: AsyncIterable<ArchivedFile>): AsyncGenerator<Buffer> {
  const directory = new ZipDirectory()
  let offset = 0
  try {
    for await (const file of files) {
      const described = { name: Buffer.from(file.name), size: sizeOf(file), crc: await checksumOf(file) }
      const header = localHeader(described)
      await directory.add(directoryEntry(described, offset))
      yield header
      yield* bytesOf(file)
      offset += header.length + described.size
    }
    yield* directory.read()
    yield endOf(directory.count, directory.length, offset)
  } finally {
    await directory.remove()
  }
}

interface Described {
  readonly name: Buffer
  /** Bytes. */
  readonly size: number
  readonly crc: number
}

async function checksumOf(file: ArchivedFile): Promise<number> {
  let crc = 0
  for await (const chunk of bytesOf(file)) crc = crc32(chunk, crc)
  return crc
}

function localHeader(file: Described): Buffer {
  const header = Buffer.alloc(30)
  header.writeUInt32LE(0x04034b50, 0)
  const far = isLarge(file) ? farValues([file.size, file.size]) : Buffer.alloc(0)
  writeDescription(header, 4, file, far)
  return Buffer.concat([header, file.name, far])
}

function directoryEntry(file: Described, offset: number): Buffer {
  const isFar = offset >= 0xffffffff
  const values = [...(isLarge(file) ? [file.size, file.size] : []), ...(isFar ? [offset] : [])]
  const far = values.length ? farValues(values) : Buffer.alloc(0)
  const entry = Buffer.alloc(46)
  entry.writeUInt32LE(0x02014b50, 0)
  entry.writeUInt16LE(far.length ? 45 : 20, 4)
  writeDescription(entry, 6, file, far)
  entry.writeUInt32LE(isFar ? 0xffffffff : offset, 42)
  return Buffer.concat([entry, file.name, far])
}

function isLarge({ size }: Described): boolean {
  return size >= 0xffffffff
}

/** The zip64 field: what four bytes cannot hold, in the order size, packed size, offset. */
function farValues(values: readonly number[]): Buffer {
  const field = Buffer.alloc(4 + 8 * values.length)
  field.writeUInt16LE(1, 0)
  field.writeUInt16LE(8 * values.length, 2)
  values.forEach((value, index) => field.writeBigUInt64LE(BigInt(value), 4 + 8 * index))
  return field
}

/** What local header and directory have in common: version, flags, method, date, checksum, sizes, length of name and field. */
function writeDescription(header: Buffer, at: number, file: Described, far: Buffer): void {
  const size = Math.min(file.size, 0xffffffff)
  header.writeUInt16LE(far.length ? 45 : 20, at)
  header.writeUInt16LE(utf8Names, at + 2)
  header.writeUInt16LE(DATE, at + 8)
  header.writeUInt32LE(file.crc, at + 10)
  header.writeUInt32LE(size, at + 14)
  header.writeUInt32LE(size, at + 18)
  header.writeUInt16LE(file.name.length, at + 22)
  header.writeUInt16LE(far.length, at + 24)
}

function endOf(count: number, length: number, offset: number): Buffer {
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(Math.min(count, 0xffff), 8)
  end.writeUInt16LE(Math.min(count, 0xffff), 10)
  end.writeUInt32LE(Math.min(length, 0xffffffff), 12)
  end.writeUInt32LE(Math.min(offset, 0xffffffff), 16)
  if (count < 0xffff && length < 0xffffffff && offset < 0xffffffff) return end
  const large = Buffer.alloc(56 + 20)
  large.writeUInt32LE(0x06064b50, 0)
  large.writeBigUInt64LE(44n, 4) // length of what follows in this record
  large.writeUInt16LE(45, 12)
  large.writeUInt16LE(45, 14)
  large.writeBigUInt64LE(BigInt(count), 24)
  large.writeBigUInt64LE(BigInt(count), 32)
  large.writeBigUInt64LE(BigInt(length), 40)
  large.writeBigUInt64LE(BigInt(offset), 48)
  large.writeUInt32LE(0x07064b50, 56)
  large.writeBigUInt64LE(BigInt(offset + length), 64)
  large.writeUInt32LE(1, 72)
  return Buffer.concat([large, end])
}
