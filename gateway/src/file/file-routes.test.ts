import { Readable } from 'node:stream'
import { waitUntil } from '@ymir/service'
import { request } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestPlatform, type TestPlatform } from '../testing/platform.ts'

const photo = Buffer.from('0123456789'.repeat(100))
let sent = 0
let endless: Readable | undefined
let platform: TestPlatform
let token: string

beforeAll(async () => {
  platform = await startTestPlatform({
    routes: {
      dataset: (app) => {
        app.get('/files/assets/:version/:sha256', (incoming, reply) => {
          incoming.ymir.access.requireSignedIn()
          const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(incoming.headers.range ?? '') ?? []
          void reply.header('etag', '"abc"').header('cache-control', 'private, max-age=31536000, immutable')
          if (incoming.headers['if-none-match'] === '"abc"') return reply.code(304).send()
          void reply.type('image/jpeg').header('accept-ranges', 'bytes').header('set-cookie', 'inside=1')
          if (start === undefined) return reply.send(photo)
          return reply
            .code(206)
            .header('content-range', `bytes ${start}-${end}/${photo.length}`)
            .send(photo.subarray(Number(start), Number(end) + 1))
        })
        app.get('/files/thumbnails/elsewhere', (_incoming, reply) =>
          reply.redirect('https://bucket.example/signed', 302),
        )
        app.get('/files/exports/endless', (_incoming, reply) => {
          endless = new Readable({
            read() {
              sent += 65_536
              this.push(Buffer.alloc(65_536))
            },
          })
          return reply.type('application/zip').send(endless)
        })
      },
    },
  })
  token = platform.world.signIn('ada')
})
afterAll(() => platform.stop())

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${platform.url}${path}`, { headers })
const asset = '/files/assets/v1/a?size=1'

test('bytes come from the service with its cache headers, whole, in part or not at all', async () => {
  const authorization = `Bearer ${token}`
  const whole = await get(asset, { authorization })
  const part = await get(asset, { authorization, range: 'bytes=10-19' })
  const known = await get(asset, { authorization, 'if-none-match': '"abc"' })

  expect(Buffer.from(await whole.arrayBuffer())).toEqual(photo)
  expect(whole.headers.get('cache-control')).toBe('private, max-age=31536000, immutable')
  expect(whole.headers.get('content-length')).toBe('1000')
  expect(whole.headers.get('set-cookie')).toBeNull()
  expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([
    206,
    'bytes 10-19/1000',
    '0123456789',
  ])
  expect(known.status).toBe(304)
  const head = await fetch(`${platform.url}${asset}`, { method: 'HEAD', headers: { authorization } })
  expect(head.status).toBe(200)
})

test('who is sent to a bucket is told where it is', async () => {
  const headers = { authorization: `Bearer ${token}` }
  const url = `${platform.url}/files/thumbnails/elsewhere`
  const sent = await fetch(url, { headers, redirect: 'manual' })
  expect([sent.status, sent.headers.get('location')]).toEqual([302, 'https://bucket.example/signed'])
})

test('a page loads images with the session cookie; the cookie is good for nothing else', async () => {
  const { status, headers } = await fetch(`${platform.url}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  })
  const cookie = headers.get('set-cookie') ?? ''
  const [pair = ''] = cookie.split(';')

  expect(status).toBe(204)
  expect(cookie).toMatch(/HttpOnly; SameSite=Strict/)
  expect((await get(asset, { cookie: pair })).status).toBe(200)
  expect((await get(asset)).status).toBe(401)
  expect((await get(`${asset}&token=${token}`)).status).toBe(401)
  const { data } = await platform.ask('{ viewer { id } }', { headers: { cookie: pair } })
  expect(data).toEqual({ viewer: null })
  expect((await get(asset, { cookie: 'ymir_session=%' })).status).toBe(401)
  const bad = await fetch(`${platform.url}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"token":"guessed"}',
  })
  expect(bad.status).toBe(401)
})

test('the service sends no faster than the client reads, and stops when the client leaves', async () => {
  const { body } = await request(`${platform.url}/files/exports/endless`, {
    headers: { authorization: `Bearer ${token}` },
    highWaterMark: 65_536,
  })
  const reader = body[Symbol.asyncIterator]()
  await reader.next()
  const isSteady = async () => {
    const before = sent
    await new Promise((resolve) => setTimeout(resolve, 200))
    return sent === before
  }
  await waitUntil('the service to be held back', isSteady)
  const held = sent

  await reader.return?.()
  await waitUntil('the service to stop', () => endless?.destroyed)

  expect(held).toBeLessThan(32 * 1024 * 1024)
})

test('a service that is down is said, without its address', async () => {
  const response = await get('/files/models/m1.tar.gz', { authorization: `Bearer ${token}` })
  await platform.stopService('model')
  const gone = await get('/files/models/m1.tar.gz', { authorization: `Bearer ${token}` })

  expect(response.status).toBe(404)
  expect(gone.status).toBe(503)
  expect(await gone.text()).toMatch(/SERVICE_UNAVAILABLE/)
})
