import { mkdtemp, readdir, rm, stat, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { type Blobs, openBlobs } from '@ymir/blobs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { anImage } from '../testing/archive.ts'
import { Thumbnails } from './thumbnail.ts'

let folder: string
let blobs: Blobs
let reads: number

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ymir-thumbnails-'))
  const store = await openBlobs(join(folder, 'blobs'))
  reads = 0
  const get: Blobs['get'] = (sha256) => {
    reads++
    return store.get(sha256)
  }
  blobs = { ...store, get }
})
afterEach(() => rm(folder, { recursive: true }))

const limits = { bytes: 1e9, atOnce: 2, seconds: 20 }
const small = () => join(folder, 'small')
const files = async () =>
  (await readdir(small(), { recursive: true }))
    .filter((name) => name.includes('webp'))
    .map((name) => basename(name))

test('many who ask at once get one that was made once', async () => {
  const { sha256 } = await blobs.put(await anImage())
  const thumbnails = new Thumbnails(small(), blobs, limits)

  const paths = await Promise.all(Array.from({ length: 30 }, () => thumbnails.of(sha256, 64)))

  expect(new Set(paths).size).toBe(1)
  expect(reads).toBe(1)
  expect(await files()).toEqual([`${sha256}-64.webp`])
  await thumbnails.of(sha256, 64)
  expect(reads).toBe(1)
})

test('what is no image is refused, and hinders no other', async () => {
  const bad = await blobs.put(Buffer.from('no image'))
  const good = await blobs.put(await anImage())
  const thumbnails = new Thumbnails(small(), blobs, { ...limits, atOnce: 1 })

  for (let time = 0; time < 3; time++)
    await expect(thumbnails.of(bad.sha256, 64)).rejects.toMatchObject({ code: 'BAD_IMAGE' })
  expect((await stat(await thumbnails.of(good.sha256, 64))).isFile()).toBe(true)
  expect(await files()).toEqual([`${good.sha256}-64.webp`])
})

test('beyond its size, those longest not looked at go', async () => {
  const paths: string[] = []
  const roomy = new Thumbnails(small(), blobs, limits)
  for (let tone = 0; tone < 6; tone++) {
    const path = await roomy.of((await blobs.put(await anImage({ tone }))).sha256, 64)
    const then = new Date(Date.now() - (10 - tone) * 24 * 3_600_000)
    await utimes(path, then, then)
    paths.push(path)
  }
  await roomy.settled()
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size))
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  await roomy.of(basename(paths[0]!).slice(0, 64), 64) // the oldest is looked at again

  const full = new Thumbnails(small(), blobs, { ...limits, bytes })
  const last = await full.of((await blobs.put(await anImage({ tone: 99 }))).sha256, 64)
  await full.settled()

  const left = await files()
  expect(left).toContain(basename(last))
  expect(left).toContain(basename(paths[0]!))
  expect(left).not.toContain(basename(paths[1]!))
  expect(left.length).toBeLessThan(7)
})
