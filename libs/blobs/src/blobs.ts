import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import {
  constants,
  copyFile,
  link,
  mkdir,
  open,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Readable } from 'node:stream'

/** Bytes in the store: the SHA-256 of their content in lower-case hexadecimal, and their length. */
export interface BlobRef {
  readonly sha256: string
  readonly size: number
}

/** Bytes stored once under the hash of their content. Safe for many writers at once: equal bytes are equal files. */
export interface Blobs {
  put(bytes: Uint8Array): Promise<BlobRef>
  /** @throws BlobTooLarge as soon as more than `maxBytes` came; nothing is kept then */
  putStream(bytes: AsyncIterable<Uint8Array>, limits?: { maxBytes?: number }): Promise<BlobRef>
  putFile(path: string): Promise<BlobRef>
  /** @throws BlobMissing */
  get(sha256: string): Promise<Buffer>
  /** A stream of the bytes from `start` to `end`, both inclusive, as in HTTP ranges; BlobMissing arrives as its error. */
  read(sha256: string, range?: { start?: number; end?: number }): Readable
  /** Length in bytes, or undefined when the blob is not there. */
  size(sha256: string): Promise<number | undefined>
  has(sha256: string): Promise<boolean>
  /** Puts the blob at a path outside the store as a hard link, or as a copy across file systems. Read it, never write it. */
  place(sha256: string, path: string): Promise<void>
}

export class BlobMissing extends Error {
  readonly code = 'BLOB_MISSING'
  constructor(readonly sha256: string) {
    super(`blob ${sha256} is not in the store`)
  }
}

export class BlobTooLarge extends Error {
  readonly code = 'BLOB_TOO_LARGE'
  constructor(readonly maxBytes: number) {
    super(`more than the ${maxBytes} bytes allowed`)
  }
}

/** The blob store in a folder: `<folder>/<first two hex digits>/<sha256>`. */
export function openBlobs(folder: string): Blobs {
  const root = resolve(folder)
  const pathOf = (sha256: string) => {
    if (!/^[0-9a-f]{64}$/.test(sha256))
      throw new Error(`"${sha256}" is not a SHA-256 in lower-case hexadecimal`)
    return join(root, sha256.slice(0, 2), sha256)
  }

  async function putStream(
    bytes: AsyncIterable<Uint8Array>,
    { maxBytes = Infinity }: { maxBytes?: number } = {},
  ) {
    const temporary = join(root, 'incoming', randomUUID())
    await mkdir(dirname(temporary), { recursive: true })
    const hash = createHash('sha256')
    let size = 0
    const file = await open(temporary, 'wx', 0o644)
    try {
      try {
        for await (const chunk of bytes) {
          size += chunk.length
          if (size > maxBytes) throw new BlobTooLarge(maxBytes)
          hash.update(chunk)
          await file.writeFile(chunk)
        }
      } finally {
        await file.close()
      }
      const sha256 = hash.digest('hex')
      await moveIntoPlace(temporary, pathOf(sha256))
      return { sha256, size }
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
  }

  async function size(sha256: string): Promise<number | undefined> {
    const found = await stat(pathOf(sha256)).catch(ignoreMissing)
    return found?.size
  }

  return {
    putStream,
    size,
    put: async (bytes) => {
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      if ((await size(sha256)) !== bytes.length)
        await writeInOne(bytes, join(root, 'incoming'), pathOf(sha256))
      return { sha256, size: bytes.length }
    },
    putFile: (path) => putStream(createReadStream(path)),
    get: async (sha256) => {
      const bytes = await readFile(pathOf(sha256)).catch(ignoreMissing)
      if (!bytes) throw new BlobMissing(sha256)
      return bytes
    },
    read: (sha256, range) => {
      const stream = createReadStream(pathOf(sha256), range)
      return stream.once('error', (error: NodeJS.ErrnoException) => {
        const missing = new BlobMissing(sha256)
        if (error.code === 'ENOENT') Object.assign(error, missing, { message: missing.message })
      })
    },
    has: async (sha256) => (await size(sha256)) !== undefined,
    place: async (sha256, path) => {
      await mkdir(dirname(path), { recursive: true })
      try {
        await link(pathOf(sha256), path)
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException // fs rejects with errno errors only
        if (code === 'ENOENT') throw new BlobMissing(sha256)
        if (code === 'EEXIST') return
        // another file system, or one without hard links
        await copyFile(pathOf(sha256), path, constants.COPYFILE_FICLONE)
      }
    },
  }
}

/** Three calls where the folders are there; a stream takes eight, which is half the time of importing a small image. */
async function writeInOne(bytes: Uint8Array, incoming: string, path: string) {
  const temporary = join(incoming, randomUUID())
  const write = () => writeFile(temporary, bytes, { flag: 'wx', mode: 0o644 })
  try {
    await write().catch(async (error: NodeJS.ErrnoException) => {
      ignoreMissing(error)
      await mkdir(incoming, { recursive: true })
      await write()
    })
    await moveIntoPlace(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** Rename is atomic: a reader sees the whole blob or none, and a second writer of equal bytes changes nothing. */
async function moveIntoPlace(temporary: string, path: string) {
  await rename(temporary, path).catch(async (error: NodeJS.ErrnoException) => {
    ignoreMissing(error)
    await mkdir(dirname(path), { recursive: true })
    await rename(temporary, path)
  })
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
