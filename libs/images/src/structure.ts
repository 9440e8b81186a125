import { crc32 } from 'node:zlib'
import { BadImage, type ImageFacts } from './image.ts'

/**
 * Reads an image's size from its header and checks that the file is whole by its structure, without decoding a pixel:
 * microseconds, where {@link inspectImage} takes a millisecond.
 *
 * Found: what is no JPEG, PNG or WebP; too many pixels; a file cut short (JPEG: no end marker after the scan, PNG: chunks
 * without IEND, WebP: fewer bytes than its header says); a damaged PNG chunk (its CRC); a JPEG coding that browsers and
 * trainers cannot read. Not found: wrong bytes within the pixels of a JPEG or WebP whose ends are there.
 * @throws BadImage
 */
export function checkImage(bytes: Buffer, maxPixels: number): ImageFacts {
  const read = readers.find(({ isIt }) => isIt(bytes))
  if (!read) throw unsupported(bytes)
  const size = read.size(bytes)
  if (size.width * size.height > maxPixels)
    throw new BadImage(
      `is more than the ${maxPixels} pixels allowed`,
      'scale it down',
      `${size.width}x${size.height}`,
    )
  if (size.width === 0 || size.height === 0) throw damaged('no pixels')
  read.checkEnd(bytes, size.next)
  return { format: read.format, width: size.width, height: size.height }
}

interface Size {
  readonly width: number
  readonly height: number
  /** Where what follows the header begins. */
  readonly next: number
}

interface StructureReader {
  readonly format: ImageFacts['format']
  isIt(bytes: Buffer): boolean
  size(bytes: Buffer): Size
  checkEnd(bytes: Buffer, next: number): void
}

const pngStart = Buffer.from('89504e470d0a1a0a', 'hex')
const ascii = (bytes: Buffer, start: number, end: number) => bytes.toString('latin1', start, end)

const readers: readonly StructureReader[] = [
  {
    format: 'jpg',
    isIt: (bytes) => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff,
    size: sizeOfJpeg,
    checkEnd: (bytes, next) => {
      // within the scan 0xff is always followed by 0 or a restart marker: only the end looks like the end
      if (bytes.lastIndexOf(endOfJpeg) < next) throw damaged('no end of image')
    },
  },
  {
    format: 'png',
    isIt: (bytes) => bytes.subarray(0, 8).equals(pngStart),
    size: (bytes) => {
      if (bytes.length < 33 || ascii(bytes, 12, 16) !== 'IHDR') throw damaged('no header')
      return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), next: 8 }
    },
    checkEnd: checkPngChunks,
  },
  {
    format: 'webp',
    isIt: (bytes) => ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 12) === 'WEBP',
    size: sizeOfWebp,
    checkEnd: (bytes) => {
      if (bytes.readUInt32LE(4) + 8 > bytes.length) throw damaged('fewer bytes than its header says')
    },
  },
]

const endOfJpeg = Buffer.from([0xff, 0xd9])
// baseline, extended and progressive Huffman (ITU T.81, table B.1); the others are lossless, hierarchical or arithmetic
const readableFrames = [0xc0, 0xc1, 0xc2]
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)

function sizeOfJpeg(bytes: Buffer): Size {
  let size: { width: number; height: number } | undefined
  for (let at = 2; at + 4 <= bytes.length;) {
    const marker = bytes[at + 1]!
    if (bytes[at] !== 0xff) throw damaged('no marker where one must be')
    if (marker === 0xff) {
      at++ // fill bytes before a marker
      continue
    }
    const length = bytes.readUInt16BE(at + 2)
    if (isFrame(marker)) {
      if (!readableFrames.includes(marker))
        throw new BadImage(
          'is not supported',
          'save it as a usual JPEG',
          `JPEG coding ${marker.toString(16)}`,
        )
      if (at + 9 > bytes.length) break
      size = { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) }
    }
    at += 2 + length
    if (marker === 0xda && size) return { ...size, next: at }
  }
  throw damaged('no scan')
}

function checkPngChunks(bytes: Buffer, first: number): void {
  for (let at = first; at + 12 <= bytes.length;) {
    const end = at + 8 + bytes.readUInt32BE(at)
    if (end + 4 > bytes.length) break
    const type = ascii(bytes, at + 4, at + 8)
    if (crc32(bytes.subarray(at + 4, end)) !== bytes.readUInt32BE(end)) throw damaged(`chunk ${type}`)
    if (type === 'IEND') return
    at = end + 4
  }
  throw damaged('no end of image')
}

/** WebP container specification: simple lossy (VP8), simple lossless (VP8L) and extended (VP8X) files. */
function sizeOfWebp(bytes: Buffer): Size {
  if (bytes.length < 30) throw damaged('no header')
  const kind = ascii(bytes, 12, 16)
  const next = 12
  if (kind === 'VP8X')
    return { width: 1 + bytes.readUIntLE(24, 3), height: 1 + bytes.readUIntLE(27, 3), next }
  if (kind === 'VP8 ')
    return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff, next }
  if (kind === 'VP8L') {
    const bits = bytes.readUInt32LE(21)
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff), next }
  }
  throw damaged(`chunk ${kind}`)
}

function damaged(found: string): BadImage {
  return new BadImage('is damaged or cut short', 'replace it by a whole one', found)
}

const otherFormats: readonly (readonly [name: string, start: RegExp])[] = [
  ['gif', /^GIF8/],
  ['tiff', /^(II\*\0|MM\0\*)/],
  ['bmp', /^BM/],
  ['heif', /^....ftyp/s],
]

function unsupported(bytes: Buffer): BadImage {
  const start = ascii(bytes, 0, 12)
  const other = otherFormats.find(([, pattern]) => pattern.test(start))
  if (other) return new BadImage('is not supported', 'convert it to JPEG, PNG or WebP', `format ${other[0]}`)
  return new BadImage('is not an image', 'leave it out, or replace it by a JPEG, PNG or WebP file')
}
