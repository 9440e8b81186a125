import { endianness } from 'node:os'
import { type Bits, countBits, countInWord, noBits, placesOf, setBit, setRun } from './bits.ts'

if (endianness() !== 'LE') throw new Error('pages are read and written as they lie in memory, little-endian')

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
      bytes.copy(new Uint8Array(bits.buffer), 0, 1)
      return bits
    case RUNS:
      for (let at = 1; at < bytes.length; at += 4) {
        const first = bytes.readUInt16LE(at)
        const last = first + bytes.readUInt16LE(at + 2)
        setRun(bits, first, last)
      }
      return bits
    default:
      throw new RangeError(`a page begins with 0, 1 or 2, not with ${bytes[0]}`)
  }
}

/** The places of a page that was written as a list; undefined of all other pages. */
export function decodeList(bytes: Buffer): Uint16Array | undefined {
  if (bytes[0] !== LIST) return undefined
  const places = new Uint16Array((bytes.length - 1) / 2)
  bytes.copy(new Uint8Array(places.buffer), 0, 1)
  return places
}

const longestAppended = 2_048

/**
 * Bytes of a page with more places. What goes on at the end of a short list, as bitmaps over growing serials do, is copied
 * behind it; the bytes are then not always the shortest form.
 * @param before the page as it was, if there was one
 * @param places in any order
 */
export function withPlaces(before: Buffer | undefined, places: readonly number[]): Buffer {
  const list = before ? decodeList(before) : new Uint16Array()
  const isBehind = (place: number, index: number) => place > (places[index - 1] ?? list?.at(-1) ?? -1)
  if (list && list.length + places.length <= longestAppended && places.every(isBehind))
    return Buffer.concat([Buffer.of(LIST), asBytes(list), asBytes(Uint16Array.from(places))])
  const bits = before ? decodeBits(before) : noBits()
  for (const place of places) setBit(bits, place)
  return encodeBits(bits)
}

const asBytes = ({ buffer }: Uint16Array) => new Uint8Array(buffer)

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
  bytes.set(new Uint8Array(bits.buffer), 1)
  return bytes
}

function encodeRuns(bits: Bits, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  bytes[0] = RUNS
  let at = 1
  let first = -1
  bits.forEach((word, index) => {
    // whole words in or between runs are the most, and say nothing
    if (word === (first < 0 ? 0 : 0xffffffff)) return
    for (let bit = 0; bit < 32; bit++) {
      const isSet = ((word >>> bit) & 1) === 1
      if (isSet === first >= 0) continue
      if (!isSet) at = writeRun(bytes, at, first, index * 32 + bit - 1)
      first = isSet ? index * 32 + bit : -1
    }
  })
  if (first >= 0) writeRun(bytes, at, first, bits.length * 32 - 1)
  return bytes
}

function writeRun(bytes: Buffer, at: number, first: number, last: number): number {
  return bytes.writeUInt16LE(last - first, bytes.writeUInt16LE(first, at))
}
