import { type Bits, countBits, countInWord, noBits, placesOf, setBit } from './bits.ts'

/**
 * How a page is written, by its first byte, as in Roaring bitmaps (Chambi et al. 2016): whichever is shortest.
 * LIST: places, u16 each. RAW: the 8 KiB of bits. RUNS: first place and length - 1, u16 each. All little-endian.
 */
const LIST = 0
const RAW = 1
const RUNS = 2

const rawLength = 1 + 8192

/** The one shortest form: equal bits give equal bytes, so that a page can be named by their hash. */
export function encodeBits(bits: Bits): Buffer {
  const listLength = 1 + 2 * countBits(bits)
  const runsLength = 1 + 4 * countRuns(bits)
  if (runsLength <= listLength && runsLength < rawLength) return encodeRuns(bits, runsLength)
  if (listLength < rawLength) return encodeList(bits, listLength)
  return encodeRaw(bits)
}

/** @throws RangeError when the bytes are no page */
export function decodeBits(bytes: Buffer): Bits {
  const bits = noBits()
  switch (bytes[0]) {
    case LIST:
      for (let at = 1; at < bytes.length; at += 2) setBit(bits, bytes.readUInt16LE(at))
      return bits
    case RAW:
      for (let index = 0; index < bits.length; index++) bits[index] = bytes.readUInt32LE(1 + index * 4)
      return bits
    case RUNS:
      for (let at = 1; at < bytes.length; at += 4) {
        const first = bytes.readUInt16LE(at)
        const last = first + bytes.readUInt16LE(at + 2)
        for (let place = first; place <= last; place++) setBit(bits, place)
      }
      return bits
    default:
      throw new RangeError(`a page begins with 0, 1 or 2, not with ${bytes[0]}`)
  }
}

function countRuns(bits: Bits): number {
  let runs = 0
  let lastOfPrevious = 0
  for (const word of bits) {
    runs += countInWord(word & ~((word << 1) | lastOfPrevious))
    lastOfPrevious = word >>> 31
  }
  return runs
}

function encodeList(bits: Bits, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  bytes[0] = LIST
  let at = 1
  for (const place of placesOf(bits)) at = bytes.writeUInt16LE(place, at)
  return bytes
}

function encodeRaw(bits: Bits): Buffer {
  const bytes = Buffer.allocUnsafe(rawLength)
  bytes[0] = RAW
  bits.forEach((word, index) => bytes.writeUInt32LE(word, 1 + index * 4))
  return bytes
}

function encodeRuns(bits: Bits, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  bytes[0] = RUNS
  let at = 1
  let first = -1
  let last = -1
  const writeRun = () => {
    at = bytes.writeUInt16LE(first, at)
    at = bytes.writeUInt16LE(last - first, at)
  }
  for (const place of placesOf(bits)) {
    if (first >= 0 && place === last + 1) {
      last = place
      continue
    }
    if (first >= 0) writeRun()
    first = last = place
  }
  if (first >= 0) writeRun()
  return bytes
}
