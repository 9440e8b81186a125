import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openCipher } from '@ymir/service'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Outward } from '../vendor/outward.ts'
import { toolOf } from './tools.ts'

const cipher = openCipher('secret of a test', 'tokens')
const connector = { organization: null, token: cipher.encrypt('token') }

const server = createServer((request, response) => {
  const isRedirect = request.url?.startsWith('/moved')
  if (isRedirect) response.writeHead(302, { location: 'http://169.254.169.254/' }).end()
  else if (request.url?.startsWith('/large')) {
    response.writeHead(200)
    for (let sent = 0; sent < 65; sent++) response.write(Buffer.alloc(1024 ** 2, ' '))
    response.end()
  } else response.writeHead(200, { 'content-type': 'text/html' }).end('<html>a page of something else</html>')
})
const outwards: Outward[] = []
let url: string
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // it listens on a port
})
afterAll(async () => {
  for (const outward of outwards) await outward.close()
  server.closeAllConnections()
  server.close()
})

async function problemOf(at: string, allowPrivateUrls = true): Promise<string> {
  const outward = new Outward({ allowPrivateUrls })
  outwards.push(outward)
  const tool = toolOf({ ...connector, tool: 'CVAT', url: at }, { outward, cipher })
  return tool.check().then(
    () => 'none',
    (error: Error) => error.message,
  )
}

test('private addresses are refused, named or hidden behind a name', async () => {
  const { port } = new URL(url)
  for (const host of ['127.0.0.1', 'localhost', '[::1]'])
    expect(await problemOf(`http://${host}:${port}`, false)).toContain(
      'not an address of the public Internet',
    )
})

test('redirects are not followed', async () => {
  expect(await problemOf(`${url}/moved`)).toContain('redirects are not followed')
})

test('what is no tool, or says far too much, is said', async () => {
  expect(await problemOf(url)).toContain('no JSON: check its address')
  expect(await problemOf(`${url}/large`)).toContain('is longer than')
})
