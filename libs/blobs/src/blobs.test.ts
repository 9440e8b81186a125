import { createHash } from 'node:crypto'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openBlobs, readJsonLines, writeJsonLines, type Blobs } from './index.ts'

let folder: string
let blobs: Blobs

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ymir-blobs-'))
  blobs = openBlobs(folder)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')

test('bytes are found under the hash of their content', async () => {
  const ref = await blobs.put(Buffer.from('a brick'))

  expect(ref).toEqual({ sha256: hashOf('a brick'), size: 7 })
  expect((await blobs.get(ref.sha256)).toString()).toBe('a brick')
  expect(await blobs.size(ref.sha256)).toBe(7)
})

test('equal bytes are stored once, also when written at the same time', async () => {
  const refs = await Promise.all(
    Array.from({ length: 20 }, () => blobs.putStream(Readable.from([Buffer.from('same')]))),
  )

  expect(new Set(refs.map(({ sha256 }) => sha256))).toEqual(new Set([hashOf('same')]))
  expect(await readdir(join(folder, hashOf('same').slice(0, 2)))).toEqual([hashOf('same')])
  expect(await readdir(join(folder, 'incoming'))).toEqual([])
})

test('a stream beyond its limit is refused and leaves nothing', async () => {
  const endless = Readable.from(Array.from({ length: 100 }, () => Buffer.alloc(1000)))

  await expect(blobs.putStream(endless, { maxBytes: 5_000 })).rejects.toMatchObject({
    code: 'BLOB_TOO_LARGE',
  })
  expect(await readdir(folder)).toEqual(['incoming'])
  expect(await readdir(join(folder, 'incoming'))).toEqual([])
})

test('a range is read with both ends included', async () => {
  const { sha256 } = await blobs.put(Buffer.from('0123456789'))

  expect(Buffer.concat(await blobs.read(sha256, { start: 2, end: 4 }).toArray()).toString()).toBe('234')
})

test('a missing blob is named', async () => {
  const missing = hashOf('never written')

  await expect(blobs.get(missing)).rejects.toMatchObject({ code: 'BLOB_MISSING', sha256: missing })
  await expect(blobs.read(missing).toArray()).rejects.toMatchObject({
    ...{ code: 'BLOB_MISSING', message: `blob ${missing} is not in the store` },
  })
  await expect(blobs.place(missing, join(folder, 'x', 'y'))).rejects.toMatchObject({ code: 'BLOB_MISSING' })
})

test('what is no hash never becomes a path', async () => {
  await expect(blobs.get('../../etc/passwd')).rejects.toThrow('is not a SHA-256')
})

test('a blob is placed where a job wants it, twice without harm', async () => {
  const { sha256 } = await blobs.put(Buffer.from('image'))
  const path = join(folder, 'job', 'in', `${sha256}.jpg`)

  await blobs.place(sha256, path)
  await blobs.place(sha256, path)

  expect((await readFile(path)).toString()).toBe('image')
})

test('JSON Lines come back as they went in, also long ones', async () => {
  const values = Array.from({ length: 5_000 }, (_, index) => ({ index, text: 'ü'.repeat(index % 50) }))

  const ref = await writeJsonLines(blobs, values)

  const read: unknown[] = []
  for await (const value of readJsonLines(blobs.read(ref.sha256))) read.push(value)
  expect(read).toEqual(values)
})

test('reading JSON Lines of a missing blob fails instead of giving nothing', async () => {
  const reading = async () => {
    for await (const value of readJsonLines(blobs.read(hashOf('nothing')))) void value
  }

  await expect(reading()).rejects.toMatchObject({ code: 'BLOB_MISSING' })
})
