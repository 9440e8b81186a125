import { crc32 } from 'node:zlib'

/** A file for an archive. */
export interface ZippedFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/** 1 January 1980, the earliest that zip can say: an archive tells its content, not when it was made. */
const DATE = 0x0021
const utf8Names = 0x0800

/**
 * A zip archive as a stream of bytes, equal for equal files: stored, not deflated, because images are packed already and a
 * deflated byte may differ from one zlib to the next. Zip64 where sizes need it (PKWARE APPNOTE 6.3.10).
 */
export async function* zipOf(files: AsyncIterable<ZippedFile>): AsyncGenerator<Buffer> {
  const directory: Buffer[] = []
  let offset = 0
  for await (const file of files) {
    const name = Buffer.from(file.name)
    const header = Buffer.concat([localHeader(file.bytes, name), name])
    directory.push(directoryEntry(file.bytes, name, offset))
    yield header
    yield Buffer.from(file.bytes.buffer, file.bytes.byteOffset, file.bytes.byteLength)
    offset += header.length + file.bytes.length
  }
  let length = 0
  for (const entry of directory) {
    yield entry
    length += entry.length
  }
  yield endOf(directory.length, length, offset)
}

function localHeader(bytes: Uint8Array, name: Buffer): Buffer {
  const header = Buffer.alloc(30)
  header.writeUInt32LE(0x04034b50, 0)
  writeDescription(header, 4, bytes, name)
  return header
}

function directoryEntry(bytes: Uint8Array, name: Buffer, offset: number): Buffer {
  const isFar = offset >= 0xffffffff
  const entry = Buffer.alloc(46)
  entry.writeUInt32LE(0x02014b50, 0)
  entry.writeUInt16LE(isFar ? 45 : 20, 4)
  writeDescription(entry, 6, bytes, name, isFar)
  entry.writeUInt32LE(isFar ? 0xffffffff : offset, 42)
  if (!isFar) return Buffer.concat([entry, name])
  const far = Buffer.alloc(12)
  far.writeUInt16LE(1, 0)
  far.writeUInt16LE(8, 2)
  far.writeBigUInt64LE(BigInt(offset), 4)
  entry.writeUInt16LE(far.length, 30)
  return Buffer.concat([entry, name, far])
}

/** What local header and directory have in common: version, flags, method, date, checksum, sizes, length of the name. */
function writeDescription(header: Buffer, at: number, bytes: Uint8Array, name: Buffer, isFar = false): void {
  header.writeUInt16LE(isFar ? 45 : 20, at)
  header.writeUInt16LE(utf8Names, at + 2)
  header.writeUInt16LE(DATE, at + 8)
  header.writeUInt32LE(crc32(bytes), at + 10)
  header.writeUInt32LE(bytes.length, at + 14)
  header.writeUInt32LE(bytes.length, at + 18)
  header.writeUInt16LE(name.length, at + 22)
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
