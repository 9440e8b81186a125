import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import S3rver from 's3rver'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  isSound,
  openBlobs,
  openBlobsOfThread,
  presignedOrigin,
  readJsonLines,
  writeJsonLines,
  type Blobs,
} from './index.ts'
import { parseBucket } from './s3-place.ts'

let folder: string
let blobs: Blobs
let bucket: S3rver
let endpoint: string
let directory: string

beforeAll(async () => {
  process.env.AWS_ACCESS_KEY_ID = process.env.AWS_SECRET_ACCESS_KEY = 'S3RVER' // what s3rver accepts
  directory = await mkdtemp(join(tmpdir(), 'ymir-bucket-'))
  const configureBuckets = [{ name: 'bricks', configs: [] }]
  bucket = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory, configureBuckets })
  const { port } = await bucket.run()
  endpoint = `http://127.0.0.1:${port}`
})
afterAll(async () => {
  await bucket.close()
  await rm(directory, { recursive: true })
})
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ymir-blobs-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const hashOf = (text: string | Buffer) => createHash('sha256').update(text).digest('hex')
const inBucket = (more = '') =>
  `s3://bricks/${basename(folder)}?endpoint=${endpoint}&cache=${join(folder, 'cache')}${more}`
const longAgo = new Date(Date.now() - 90 * 24 * 3_600_000)
const anHourAgo = () => new Date(Date.now() - 3_600_000)
const soon = () => new Date(Date.now() + 5_000)

const stores = [
  {
    kind: 'a folder',
    place: () => folder,
    incoming: () => join(folder, 'incoming'),
    fileOf: (sha256: string) => join(folder, sha256.slice(0, 2), sha256),
    rounds: 200,
  },
  {
    kind: 'a bucket',
    place: () => inBucket(),
    incoming: () => join(folder, 'cache', 'incoming'),
    fileOf: (sha256: string) =>
      join(directory, 'bricks', basename(folder), sha256.slice(0, 2), `${sha256}._S3rver_object`),
    rounds: 20,
  },
]

describe.each(stores)('blobs in $kind', ({ place, incoming, fileOf, rounds }) => {
  beforeEach(async () => {
    blobs = await openBlobs(place())
  })

  const age = (sha256: string) => utimes(fileOf(sha256), longAgo, longAgo)
  const stored = async () => (await Readable.from(blobs.list()).toArray()).map(({ sha256 }) => sha256)

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
    expect(await stored()).toEqual([hashOf('same')])
    expect(await readdir(incoming())).toEqual([])
  })

  test('a stream beyond its limit is refused and leaves nothing', async () => {
    const endless = Readable.from(Array.from({ length: 100 }, () => Buffer.alloc(1000)))

    await expect(blobs.putStream(endless, { maxBytes: 5_000 })).rejects.toMatchObject({
      code: 'BLOB_TOO_LARGE',
    })
    expect(await stored()).toEqual([])
    expect(await readdir(incoming())).toEqual([])
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

  test('what is longer than one request comes back whole', async () => {
    const bytes = randomBytes(33 * 1024 * 1024)
    await writeFile(join(folder, 'weights'), bytes)

    const { sha256 } = await blobs.putFile(join(folder, 'weights'))

    expect(sha256).toBe(hashOf(bytes))
    expect((await blobs.get(sha256)).equals(bytes)).toBe(true)
    expect(await isSound(blobs, sha256)).toBe(true)
  })

  test('a blob is removed, unless it was written since', async () => {
    const { sha256 } = await blobs.put(Buffer.from('old'))

    expect(await blobs.remove(sha256, longAgo)).toBe('WRITTEN_LATELY')
    expect(await blobs.has(sha256)).toBe(true)
    await age(sha256)
    expect(await blobs.remove(sha256, anHourAgo())).toBe('REMOVED')
    expect(await blobs.has(sha256)).toBe(false)
    expect(await blobs.remove(sha256, soon())).toBe('MISSING')
    expect(await stored()).toEqual([])
  })

  test('writing a blob again at the moment of its removal never loses it', async () => {
    const bytes = Buffer.from('contested')
    for (let round = 0; round < rounds; round++) {
      await blobs.put(bytes)
      await age(hashOf(bytes))

      const [outcome] = await Promise.all([blobs.remove(hashOf(bytes), anHourAgo()), blobs.put(bytes)])

      expect(outcome).toMatch(/REMOVED|WRITTEN_LATELY/)
      expect(await blobs.has(hashOf(bytes))).toBe(true)
    }
  })
})

describe('in a folder', () => {
  beforeEach(async () => {
    blobs = await openBlobs(folder)
  })

  test('damaged bytes are found', async () => {
    const { sha256 } = await blobs.put(Buffer.from('sound'))
    await writeFile(join(folder, sha256.slice(0, 2), sha256), 'sOund')

    expect(await isSound(blobs, sha256)).toBe(false)
  })

  test('there are no addresses to be handed out', () => {
    expect(blobs.presignedUrl).toBeUndefined()
  })
})

describe('in a bucket', () => {
  test('a blob can be read at a presigned address', async () => {
    const presigning = await openBlobs(inBucket('&presign=true'))
    const { sha256 } = await presigning.put(Buffer.from('shown'))

    const url = await presigning.presignedUrl!(sha256, { mediaType: 'image/png', seconds: 60 })

    const answer = await fetch(url)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/png'])
    expect(await answer.text()).toBe('shown')
    expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('60')
    expect((await openBlobs(inBucket())).presignedUrl).toBeUndefined()
  })

  test.each([
    's3://bricks/a?endpoint=http://127.0.0.1:9000&presign=true',
    's3://bricks/a?endpoint=https://minio.example/under/a/path&presign=true',
    's3://bricks/a?region=eu-west-1&presign=true',
    's3://bricks/a?presign=true&region=us-east-1',
    's3://bricks.example.com/a?region=eu-west-1&presign=true',
  ])('the origin of presigned addresses is known ahead: %s', async (place) => {
    const presigning = await openBlobs(place)
    const url = await presigning.presignedUrl!(hashOf('any'), { mediaType: 'image/png', seconds: 60 })
    expect(presignedOrigin(place)).toBe(new URL(url).origin)
  })

  test.each(['/a/folder', 's3://bricks/a'])('without them there is none: %s', (place) => {
    expect(presignedOrigin(place)).toBeUndefined()
  })

  test('a placed blob lies in the cache of this machine', async () => {
    blobs = await openBlobs(inBucket())
    const { sha256 } = await blobs.put(Buffer.from('cached'))
    await blobs.place(sha256, join(folder, 'one'))
    await blobs.remove(sha256, soon())

    await blobs.place(sha256, join(folder, 'two'))

    expect((await readFile(join(folder, 'two'))).toString()).toBe('cached')
    expect(existsSync(join(folder, 'cache', sha256.slice(0, 2), sha256))).toBe(true)
  })

  test('an address that cannot work is refused with how to write it', () => {
    expect(() => parseBucket('s3://?endpoint=http://x')).toThrow()
    expect(() => parseBucket('s3://key:secret@bucket/')).toThrow('AWS_ACCESS_KEY_ID')
    expect(() => parseBucket('s3://bucket/?regoin=x')).toThrow('unknown option "regoin"')
    expect(parseBucket('s3://bucket/a/b/?region=x')).toMatchObject({ bucket: 'bucket', prefix: 'a/b/' })
  })
})

test('a thread that waits for the disk stores the same: once, whole, and what is there becomes young', async () => {
  const ofThread = await openBlobsOfThread(folder)
  const bytes = randomBytes(1_000)
  const ref = await ofThread.put(bytes)
  expect(ref).toEqual(await (await openBlobs(folder)).put(bytes))
  expect(await ofThread.get(ref.sha256)).toEqual(bytes)
  const file = join(folder, ref.sha256.slice(0, 2), ref.sha256)
  await utimes(file, longAgo, longAgo)
  await ofThread.put(bytes)
  expect(await ofThread.remove(ref.sha256, anHourAgo())).toBe('WRITTEN_LATELY')
  expect(await readdir(join(folder, 'incoming'))).toEqual([])
})
