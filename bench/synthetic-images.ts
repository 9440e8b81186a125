import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import type { SyntheticImages } from './synthetic-assets.ts'

/** PNGs of one pixel, each with its number in a comment, which are written into a folder of blobs when they are asked for. */
export function imagesIn(folder: string): SyntheticImages {
  for (let prefix = 0; prefix < 256; prefix++)
    mkdirSync(join(folder, prefix.toString(16).padStart(2, '0')), { recursive: true })
  return {
    format: 'png',
    size: pngOf(0).length,
    idsOf: (from, to) => {
      const ids: Buffer[] = []
      for (let n = from; n < to; n++) {
        const bytes = pngOf(n)
        const id = createHash('sha256').update(bytes).digest()
        const name = id.toString('hex')
        writeFileSync(join(folder, name.slice(0, 2), name), bytes)
        ids.push(id)
      }
      return Buffer.concat(ids)
    },
  }
}

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
/** 1 x 1, eight bits, grey. */
const header = chunk('IHDR', Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]))
const pixel = chunk('IDAT', deflateSync(Buffer.from([0, 128])))
const end = chunk('IEND', Buffer.alloc(0))

/** All are equally long. */
function pngOf(n: number): Buffer {
  const comment = chunk('tEXt', Buffer.from(`Comment\0${n.toString().padStart(12, '0')}`))
  return Buffer.concat([signature, header, comment, pixel, end])
}

function chunk(type: string, content: Buffer): Buffer {
  const bytes = Buffer.alloc(12 + content.length)
  bytes.writeUInt32BE(content.length, 0)
  bytes.write(type, 4)
  content.copy(bytes, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + content.length)), 8 + content.length)
  return bytes
}
