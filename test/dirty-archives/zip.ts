import { crc32, deflateRawSync } from 'node:zlib'

/** A file in a zip archive; whatever is said besides its content is written down as said, true or not. */
export interface Entry {
  readonly name: string | Buffer
  readonly content: string | Uint8Array
  /** 0: stored, 8: deflated; others are claimed only. */
  readonly method?: number
  readonly flags?: number
  readonly unixMode?: number
  readonly crc?: number
  /** Bytes, unpacked. */
  readonly size?: number
  readonly packedSize?: number
  /** Where the directory says that it begins, instead of where it is. */
  readonly offset?: number
}

/** A zip archive (PKWARE APPNOTE 6.3.10), lies included. */
export function zip(entries: readonly Entry[]): Buffer {
  const files: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const entry of entries) {
    const { header, name, packed } = packedOf(entry)
    const local = Buffer.concat([bytesOf(4, 0x04034b50), header, name, packed])
    const about = bytesOf(2, 0, 0, 0) // comment, disk, internal attributes
    const mode = bytesOf(4, (entry.unixMode ?? 0o100644) * 0x10000, entry.offset ?? at)
    directory.push(Buffer.concat([bytesOf(4, 0x02014b50), bytesOf(2, 0x0314), header, about, mode, name]))
    files.push(local)
    at += local.length
  }
  const listing = Buffer.concat(directory)
  const end = [
    bytesOf(4, 0x06054b50),
    bytesOf(2, 0, 0, entries.length, entries.length),
    bytesOf(4, listing.length, at),
    bytesOf(2, 0),
  ]
  return Buffer.concat([...files, listing, ...end])
}

/** An archive of files by name, as a usual tool writes it. */
export function zipOf(files: Readonly<Record<string, string | Uint8Array>>): Buffer {
  return zip(Object.entries(files).map(([name, content]) => ({ name, content })))
}

function packedOf(entry: Entry) {
  const content = Buffer.from(entry.content)
  const name = Buffer.from(entry.name)
  const { method = 8, flags = 0x0800, crc = crc32(content), size = content.length } = entry
  const packed = method === 8 ? deflateRawSync(content) : content
  const { packedSize = packed.length } = entry
  const header = Buffer.concat([
    bytesOf(2, 20, flags, method, 0, 0x21), // 1 January 1980
    bytesOf(4, crc, packedSize, size),
    bytesOf(2, name.length, 0),
  ])
  return { header, name, packed }
}

/** Numbers of so many bytes each, lowest byte first. */
function bytesOf(length: 2 | 4, ...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(length * numbers.length)
  numbers.forEach((number, index) => bytes.writeUIntLE(number, index * length, length))
  return bytes
}
