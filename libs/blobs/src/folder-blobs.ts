import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import {
  constants,
  copyFile,
  link,
  mkdir,
  opendir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { type BlobRef, BlobMissing, type Blobs, checkHash, type Removal } from './blobs.ts'
import { receive } from './incoming.ts'
import { putNow } from './put-now.ts'

/** The blob store in a folder as `openFolder` gives it, whose `put` keeps the thread until the bytes are there. */
export function openFolderOfThread(folder: string): Blobs {
  const root = resolve(folder)
  const put = (bytes: Uint8Array) => putNow(bytes, join(root, 'incoming'), pathsIn(root))
  return { ...openFolder(folder), put: (bytes) => new Promise((done) => done(put(bytes))) }
}

const pathsIn = (root: string) => (sha256: string) => join(root, checkHash(sha256).slice(0, 2), sha256)

/** The blob store in a folder: `<folder>/<first two hex digits>/<sha256>`. */
export function openFolder(folder: string): Blobs {
  const root = resolve(folder)
  const pathOf = pathsIn(root)

  function putStream(
    bytes: AsyncIterable<Uint8Array>,
    { maxBytes = Infinity }: { maxBytes?: number } = {},
  ): Promise<BlobRef> {
    return receive(bytes, join(root, 'incoming'), maxBytes, (path, { sha256 }) =>
      moveIntoPlace(path, pathOf(sha256)),
    )
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
      const isThere = (await size(sha256)) === bytes.length && (await renew(pathOf(sha256)))
      if (!isThere) await writeInOne(bytes, join(root, 'incoming'), pathOf(sha256))
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
      if (!(await linkTo(pathOf(sha256), path))) throw new BlobMissing(sha256)
    },
    list: () => listFolder(root),
    remove: (sha256, unlessWrittenSince) =>
      removeOld(pathOf(sha256), join(root, 'leaving', randomUUID()), unlessWrittenSince),
  }
}

/**
 * Makes a hard link, or a copy across file systems; a file that is there already stays.
 * @returns false when there is nothing to link to
 */
export async function linkTo(from: string, path: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true })
  try {
    await link(from, path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException // fs rejects with errno errors only
    if (code === 'ENOENT') return false
    // another file system, or one without hard links
    if (code !== 'EEXIST') await copyFile(from, path, constants.COPYFILE_FICLONE)
  }
  return true
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
export async function moveIntoPlace(temporary: string, path: string) {
  await rename(temporary, path).catch(async (error: NodeJS.ErrnoException) => {
    ignoreMissing(error)
    await mkdir(dirname(path), { recursive: true })
    await rename(temporary, path)
  })
}

/** Makes a file as young as if it were written now; false when it has just gone. */
async function renew(path: string): Promise<boolean> {
  const now = new Date()
  return utimes(path, now, now).then(
    () => true,
    (error: NodeJS.ErrnoException) => ignoreMissing(error) ?? false,
  )
}

/**
 * Takes the file out of the way before looking at its age. A writer who renewed it earlier made it young: it comes back. One
 * who comes later finds nothing and writes it anew. So neither can lose it.
 */
async function removeOld(path: string, aside: string, unlessWrittenSince: Date): Promise<Removal> {
  const before = await stat(path).catch(ignoreMissing)
  if (!before) return 'MISSING'
  if (before.mtime >= unlessWrittenSince) return 'WRITTEN_LATELY'
  await mkdir(dirname(aside), { recursive: true })
  try {
    await rename(path, aside)
  } catch (error) {
    ignoreMissing(error as NodeJS.ErrnoException) // fs rejects with errno errors only
    return 'MISSING'
  }
  const { mtime } = await stat(aside)
  const renewed = mtime >= unlessWrittenSince
  if (renewed) await linkTo(aside, path)
  await rm(aside)
  return renewed ? 'WRITTEN_LATELY' : 'REMOVED'
}

async function* listFolder(root: string): AsyncGenerator<BlobRef> {
  for (let first = 0; first < 256; first++) {
    const folder = join(root, first.toString(16).padStart(2, '0'))
    const files = await opendir(folder).catch(ignoreMissing)
    if (!files) continue
    for await (const { name } of files) {
      const found = await stat(join(folder, name)).catch(ignoreMissing)
      if (found) yield { sha256: name, size: found.size }
    }
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
