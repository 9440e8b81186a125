import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zipSync, type ZipOptions } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { zipOf } from '../../export/zip-writer.ts'
import { importLimits } from '../limits.ts'
import { Archive, type ZipEntry } from './archive.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ymir-archive-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function open(bytes: Uint8Array, limits = {}): Promise<Archive> {
  const path = join(folder, `${Math.random()}.zip`)
  await writeFile(path, bytes)
  return Archive.open(path, { ...importLimits, ...limits })
}

async function entriesOf(bytes: Uint8Array, limits = {}): Promise<ZipEntry[]> {
  const archive = await open(bytes, limits)
  try {
    return await listOf(archive.entries())
  } finally {
    await archive.close()
  }
}

const content = Buffer.from('some text, some text, some text')
const oneFile = (name: string, options: ZipOptions = {}) => zipSync({ [name]: [content, options] })

/** The archive's only entry of the directory, and where it begins. */
function directoryOf(zip: Uint8Array): { start: number; entry: Buffer; end: Buffer } {
  const bytes = Buffer.from(zip)
  const end = bytes.subarray(bytes.length - 22)
  const start = end.readUInt32LE(16)
  return { start, entry: bytes.subarray(start, bytes.length - 22), end }
}

describe('an archive', () => {
  test.each([0, 6] as const)('packed at level %i gives back its files', async (level) => {
    const archive = await open(zipSync({ 'a/b.txt': [content, { level }], 'a/': new Uint8Array() }))
    const entries = await listOf(archive.entries())
    expect(entries.map(({ name }) => name)).toEqual(['a/b.txt'])
    expect(await archive.read(entries[0]!, 1_000)).toEqual(content)
    await expect(archive.read(entries[0]!, 10)).rejects.toThrow('31 bytes are more than the 10 allowed')
    await archive.close()
  })

  test('of more than 65,535 files (zip64), as we write it, is read whole', async () => {
    const count = 70_000
    const files = async function* () {
      for (let index = 0; index < count; index++)
        yield { name: `images/${index}.jpg`, bytes: content.subarray(0, 3) }
    }
    const bytes = Buffer.concat(await listOf(zipOf(files())))
    const archive = await open(bytes)
    let last: ZipEntry | undefined
    let seen = 0
    for await (const entry of archive.entries()) [last, seen] = [entry, seen + 1]
    expect(seen).toBe(count)
    expect(await archive.read(last!, 10)).toEqual(content.subarray(0, 3))
    await archive.close()
  })

  test('that is none says so', async () => {
    await expect(entriesOf(Buffer.from('hello '.repeat(100)))).rejects.toThrow(
      'archive: is not a zip archive',
    )
    await expect(entriesOf(Buffer.alloc(0))).rejects.toThrow('is not a zip archive')
  })

  test('that is cut short says so, wherever the cut is', async () => {
    const whole = oneFile('images/a.jpg')
    for (const length of [whole.length - 1, whole.length - 30, 40])
      await expect(entriesOf(whole.subarray(0, length))).rejects.toThrow('archive: is cut short')
    // the end is there, but not what it points to
    await expect(entriesOf(whole.subarray(whole.length - 22))).rejects.toThrow('is cut short')
  })

  test.each(['../a.jpg', 'images/../../a.jpg', '/etc/passwd', 'C:/a.jpg', '..\\a.jpg', '..'])(
    'with the name %s is refused',
    async (name) => {
      await expect(entriesOf(oneFile(name))).rejects.toThrow('leads out of the archive')
    },
  )

  test('with a symbolic link is refused', async () => {
    const link = oneFile('images/a.jpg', { os: 3, attrs: 0o120777 << 16 })
    await expect(entriesOf(link)).rejects.toThrow('images/a.jpg: is a symbolic link')
  })

  test('with a password is refused', async () => {
    const zip = oneFile('images/a.jpg')
    const { entry } = directoryOf(zip)
    entry.writeUInt16LE(entry.readUInt16LE(8) | 1, 8)
    await expect(entriesOf(bytesOf(zip, entry))).rejects.toThrow('images/a.jpg: is encrypted')
  })
})

describe('a zip bomb is refused before it is unpacked', () => {
  const megabyte = new Uint8Array(1024 * 1024)

  test('when its files are honest about their sizes', async () => {
    const files = Array.from({ length: 100 }, (_, index) => [`images/${index}.jpg`, megabyte] as const)
    await expect(entriesOf(zipSync(Object.fromEntries(files)))).rejects.toThrow('it looks like a zip bomb')
  })

  test('when 8 GB share the same few bytes (Fifield 2019)', async () => {
    const zip = Buffer.from(zipSync({ 'images/00000.jpg': megabyte }))
    const { start, entry, end } = directoryOf(zip)
    const names = Array.from({ length: 8_192 }, (_, index) => `images/${String(index).padStart(5, '0')}.jpg`)
    const entries = names.map((name) => {
      const copy = Buffer.from(entry)
      copy.write(name, 46)
      return copy
    })
    const directory = Buffer.concat(entries)
    end.writeUInt16LE(names.length, 8)
    end.writeUInt16LE(names.length, 10)
    end.writeUInt32LE(directory.length, 12)
    const bomb = Buffer.concat([zip.subarray(0, start), directory, end])
    expect(bomb.length).toBeLessThan(1024 * 1024)
    await expect(entriesOf(bomb)).rejects.toThrow('it looks like a zip bomb')
    await expect(entriesOf(bomb, { ratio: 1e9 })).rejects.toThrow('its files overlap')
  })

  test('when it claims a small size: no more than that is ever unpacked', async () => {
    const zip = zipSync({ 'images/a.jpg': new Uint8Array(64 * 1024 * 1024) })
    const { entry } = directoryOf(zip)
    entry.writeUInt32LE(100, 24)
    const archive = await open(bytesOf(zip, entry))
    const [claimed] = await listOf(archive.entries())
    expect(claimed?.size).toBe(100)
    const before = process.memoryUsage().arrayBuffers
    await expect(archive.read(claimed!, 1_000)).rejects.toThrow('images/a.jpg: is damaged in the archive')
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024)
    await archive.close()
  })

  test('when it has too many files', async () => {
    await expect(entriesOf(zipSync({ a: content, b: content, c: content }), { entries: 2 })).rejects.toThrow(
      'archive: has 3 entries; 2 are allowed',
    )
  })

  test('when it is large in all', async () => {
    await expect(entriesOf(oneFile('a'), { totalBytes: 30 })).rejects.toThrow(
      'unpacks to more than the 30 bytes',
    )
  })
})

test('a file whose bytes changed in the archive is damaged', async () => {
  const zip = zipSync({ 'images/a.jpg': [content, { level: 0 }] })
  zip[zip.indexOf('s'.charCodeAt(0), 42)]! ^= 1
  const archive = await open(zip)
  const [entry] = await listOf(archive.entries())
  await expect(archive.read(entry!, 1_000)).rejects.toThrow(
    'images/a.jpg: is damaged in the archive: pack it again',
  )
  await archive.close()
})

function bytesOf(zip: Uint8Array, entry: Buffer): Buffer {
  const { start, end } = directoryOf(zip)
  return Buffer.concat([zip.subarray(0, start), entry, end])
}

async function listOf<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const value of values) list.push(value)
  return list
}
