import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { request } from 'undici'
import { waitUntil } from '@ymir/service'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Edge } from '../caller/edge.ts'
import { startTestPlatform, type TestPlatform } from '../testing/platform.ts'
import { Uploads } from './uploads.ts'

let platform: TestPlatform
let ada: Record<string, string>

beforeAll(async () => {
  platform = await startTestPlatform({ uploadLimit: 8 * 1024 * 1024 })
  ada = { authorization: `Bearer ${platform.world.signIn('ada')}` }
})
afterAll(() => platform.stop())

const tus = { 'tus-resumable': '1.0.0' }
const send = (
  method: 'POST' | 'PATCH' | 'HEAD' | 'DELETE',
  path: string,
  headers: object,
  body?: Buffer | Readable,
) => request(`${platform.url}${path}`, { method, headers: { ...tus, ...headers }, body })

async function create(size: number, headers = ada): Promise<string> {
  const name = Buffer.from('bricks.zip').toString('base64')
  const forged = Buffer.from('eve').toString('base64')
  const made = await send('POST', '/files/uploads', {
    ...headers,
    'upload-length': String(size),
    'upload-metadata': `filename ${name},userId ${forged}`,
  })
  expect(made.statusCode).toBe(201)
  return String(made.headers.location)
}

const patch = (path: string, offset: number, body: Buffer | Readable, headers = ada) =>
  send(
    'PATCH',
    path,
    { ...headers, 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' },
    body,
  )

const offsetOf = async (path: string) => Number((await send('HEAD', path, ada)).headers['upload-offset'])

test('an upload that was cut off goes on where it stopped, and the bytes lie where they belong', async () => {
  const bytes = randomBytes(3_000_000)
  const path = await create(bytes.length)

  const half = new Readable({ read: () => {} })
  half.push(bytes.subarray(0, 1_000_000))
  const cut = patch(path, 0, half).catch((error: unknown) => error)
  await waitUntil('the first bytes to be stored', () => sizeOf(path) >= 500_000)
  half.destroy(new Error('the train enters a tunnel'))
  await cut
  const offset = await waitUntil('the upload to be free again', () => offsetOf(path))
  const rest = await patch(path, offset, bytes.subarray(offset))

  expect(offset).toBeGreaterThan(0)
  expect(rest.statusCode).toBe(204)
  const id = path.split('/').at(-1) ?? ''
  const stored = readFileSync(join(platform.uploads, id))
  expect(sha256(stored)).toBe(sha256(bytes))
  const known = JSON.parse(readFileSync(join(platform.uploads, `${id}.json`), 'utf8')) as { metadata: object }
  expect(known.metadata).toEqual({ filename: 'bricks.zip', userId: 'ada' })
})

test('someone else’s upload is not there, and nobody uploads without signing in', async () => {
  const path = await create(10)
  const eve = { authorization: `Bearer ${platform.world.signIn('eve')}` }

  expect((await send('HEAD', path, eve)).statusCode).toBe(404)
  expect((await patch(path, 0, Buffer.from('0123456789'), eve)).statusCode).toBe(404)
  expect((await send('DELETE', path, eve)).statusCode).toBe(404)
  expect((await send('POST', '/files/uploads', { 'upload-length': '10' })).statusCode).toBe(401)
  expect((await send('DELETE', path, ada)).statusCode).toBe(204)
})

test('an id cannot name a file elsewhere', async () => {
  // what another program may have written beside the uploads, as if it were an upload of Ada's
  const beside = join(platform.uploads, '..', 'beside')
  writeFileSync(beside, 'kept')
  writeFileSync(
    `${beside}.json`,
    JSON.stringify({ id: 'x', size: 4, offset: 4, metadata: { userId: 'ada' } }),
  )

  expect((await send('DELETE', '/files/uploads/..%2Fbeside', ada)).statusCode).toBe(404)
  expect(readFileSync(beside, 'utf8')).toBe('kept')
})

test('an upload over the limit is refused before a byte of it is read', async () => {
  const made = await send('POST', '/files/uploads', { ...ada, 'upload-length': String(9 * 1024 * 1024) })

  expect(made.statusCode).toBe(413)
})

test('what nobody finished goes after a day, what was finished after a week', async () => {
  await create(10)
  const finished = await create(3)
  await patch(finished, 0, Buffer.from('abc'))
  const edge = new Edge(undefined as never, '', []) // the sweep asks nobody
  const uploads = new Uploads({ folder: platform.uploads, limit: 1, corsOrigins: [], edge })
  const idOf = (path: string) => path.split('/').at(-1) ?? ''
  const hours = (count: number) => Date.now() + count * 60 * 60 * 1000

  await uploads.sweep(hours(23))
  const afterHours = readdirSync(platform.uploads).length
  await uploads.sweep(hours(25))
  const afterDay = readdirSync(platform.uploads)
  await uploads.sweep(hours(8 * 24))
  uploads.stop()

  expect(afterHours).toBeGreaterThanOrEqual(4)
  expect(afterDay).toContain(idOf(finished))
  expect(afterDay.length).toBeLessThan(afterHours)
  expect(readdirSync(platform.uploads)).toEqual([])
})

function sizeOf(path: string): number {
  return statSync(join(platform.uploads, path.split('/').at(-1) ?? '')).size
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
