import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { download, downloadLimits, type DownloadOptions } from './download.ts'

// 127.0.0.1 stands for the Internet, 127.0.0.2 for our own network: both have a server on the same port
const outside = '127.0.0.1'
const inside = '127.0.0.2'
let folder: string
let port: number
let answer: RequestListener
let askedInside: number
const servers = [createServer((request, response) => answer(request, response))]
servers.push(createServer((_, response) => (askedInside++, response.end('secret'))))

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ymir-download-'))
  await new Promise<void>((listening) => servers[0]!.listen(0, outside, listening))
  port = (servers[0]!.address() as AddressInfo).port // listens on a port
  await new Promise<void>((listening) => servers[1]!.listen(port, inside, listening))
})
afterAll(async () => {
  for (const server of servers) server.close()
  await rm(folder, { recursive: true })
})
beforeEach(() => (askedInside = 0))

/** @param addresses what the name server answers, one time after the other, the last one then always */
function resolver(...addresses: string[]) {
  let asked = 0
  const lookup: NonNullable<DownloadOptions['lookup']> = (_host, _options, done) =>
    done(null, [{ address: addresses[Math.min(asked++, addresses.length - 1)]!, family: 4 }])
  return lookup
}

function fetchFrom(host: string, lookup = resolver(outside)): Promise<void> {
  return download(`http://${host}:${port}/start`, join(folder, 'file'), {
    limits: downloadLimits,
    mayReach: (address) => address !== inside,
    lookup,
    signal: new AbortController().signal,
  })
}

const redirectTo =
  (location: string): RequestListener =>
  ({ url }, response) =>
    void (url === '/start'
      ? response.writeHead(302, { location, connection: 'close' }).end()
      : response.end('data'))

test('a redirect on the Internet is followed', async () => {
  answer = redirectTo('/data')
  await fetchFrom('data.example')
  expect(await readFile(join(folder, 'file'), 'utf8')).toBe('data')
  await rm(join(folder, 'file'))
})

test.each([`http://${inside}`, 'http://0x7f.0.0.2', 'http://2130706434', 'http://ours.example'])(
  'a redirect to %s in our own network is refused, and nobody there is asked',
  async (place) => {
    answer = redirectTo(`${place}:${port}/`)
    await expect(fetchFrom('data.example', resolver(outside, inside))).rejects.toThrow(`is at ${inside}`)
    expect([askedInside, await readdir(folder)]).toEqual([0, []])
  },
)

test('a name that moves into our own network between two requests is refused', async () => {
  answer = redirectTo('/again')
  await expect(fetchFrom('data.example', resolver(outside, inside))).rejects.toThrow(`is at ${inside}`)
  expect(askedInside).toBe(0)
})

test('the address that was checked is the one that is connected to: the name is asked once for a connection', async () => {
  let asked = 0
  const answers = resolver(outside, inside)
  answer = (_, response) => void response.end('data')
  await fetchFrom('data.example', (...question) => (asked++, answers(...question)))
  expect([asked, askedInside]).toEqual([1, 0])
})
