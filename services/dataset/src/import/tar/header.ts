import { decodeName } from '../archived-name.ts'

/** What a header block says (POSIX.1-2001 ustar, and GNU tar's ways around its limits). */
export interface TarHeader {
  readonly name: string
  /** The type flag: '0' a file, '1' and '2' links, '5' a folder, 'x', 'g', 'L' and 'K' more about what follows. */
  readonly type: string
  /** Bytes of what follows the header. */
  readonly size: number
}

export const block = 512
const sumAt = 148
const sumLength = 8

/** Undefined when these bytes are no header. */
export function parseHeader(bytes: Buffer): TarHeader | undefined {
  if (bytes.length < block || numberOf(bytes.subarray(sumAt, sumAt + sumLength)) !== sumOf(bytes))
    return undefined
  const size = numberOf(bytes.subarray(124, 136))
  if (size === undefined) return undefined
  const isPosix = bytes.toString('latin1', 257, 263) === 'ustar\0'
  const prefix = isPosix ? textOf(bytes.subarray(345, 500)) : ''
  const name = textOf(bytes.subarray(0, 100))
  const flag = bytes[156] === 0 ? '0' : String.fromCharCode(bytes[156]!) // a block has this byte
  return { name: prefix ? `${prefix}/${name}` : name, type: flag, size }
}

/** An archive ends with blocks of zeros. */
export function isEnd(bytes: Buffer): boolean {
  return bytes.length === block && bytes.every((byte) => byte === 0)
}

/** What an extended header says: lines of `<length> <key>=<value>`, the length that of the whole line. */
export function parseExtended(bytes: Buffer): Map<string, string> {
  const values = new Map<string, string>()
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(' ', at)
    const length = Number(bytes.toString('latin1', at, space))
    if (space < 0 || !(length > space - at)) break
    const line = bytes.subarray(space + 1, at + length - 1)
    const equals = line.indexOf('=')
    if (equals > 0) values.set(line.toString('latin1', 0, equals), decodeName(line.subarray(equals + 1)))
    at += length
  }
  return values
}

export function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  return decodeName(end < 0 ? bytes : bytes.subarray(0, end))
}

/** Octal digits, or bytes where the first bit says so (sizes of 8 GiB and more). */
function numberOf(field: Buffer): number | undefined {
  if (field[0] === 0x80) return Number(field.readBigUInt64BE(field.length - 8))
  const digits = textOf(field).trim()
  return /^[0-7]*$/.test(digits) ? parseInt(digits || '0', 8) : undefined
}

/** The checksum itself counts as spaces. */
function sumOf(bytes: Buffer): number {
  let sum = sumLength * 32
  for (let at = 0; at < block; at++) if (at < sumAt || at >= sumAt + sumLength) sum += bytes[at]!
  return sum
}
