import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Text on disk until the archive is written: its size must be known before its first byte. */
export interface Spooled {
  readonly size: number
  read(): AsyncIterable<Uint8Array>
  remove(): Promise<void>
}

export async function spool(pieces: AsyncIterable<string>): Promise<Spooled> {
  const folder = await mkdtemp(join(tmpdir(), 'ymir-export-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  const path = join(folder, 'text')
  try {
    await pipeline(Readable.from(inChunks(pieces), { objectMode: false }), createWriteStream(path))
    const { size } = await stat(path)
    return { size, read: () => createReadStream(path) as AsyncIterable<Uint8Array>, remove } // no encoding: it gives bytes
  } catch (error) {
    await remove()
    throw error
  }
}

const chunkLength = 64 * 1024

async function* inChunks(pieces: AsyncIterable<string>): AsyncGenerator<Buffer> {
  let text = ''
  for await (const piece of pieces) {
    text += piece
    if (text.length < chunkLength) continue
    yield Buffer.from(text)
    text = ''
  }
  if (text) yield Buffer.from(text)
}
