import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestPlatform, type TestPlatform } from '../testing/platform.ts'

const script = 'console.log("the page")\n'
const index = `<!doctype html><meta property="csp-nonce" nonce="__CSP_NONCE__"><div id="root"></div>`

let pages: string
let platform: TestPlatform
beforeAll(async () => {
  pages = mkdtempSync(join(tmpdir(), 'ymir-pages-'))
  mkdirSync(join(pages, 'assets'))
  writeFileSync(join(pages, 'index.html'), index)
  writeFileSync(join(pages, 'assets', 'main-1a2b.js'), script)
  writeFileSync(join(pages, 'assets', 'main-1a2b.js.br'), brotliCompressSync(script))
  platform = await startTestPlatform({ pages, imageOrigin: 'https://bricks.example' })
})
afterAll(async () => {
  await platform.stop()
  rmSync(pages, { recursive: true, force: true })
})

const openPage = (path: string) =>
  fetch(platform.url + path, { headers: { accept: 'text/html,application/xhtml+xml' } })

test.each(['/', '/projects/1/datasets', '/system'])('a browser gets the page at %s', async (path) => {
  const answer = await openPage(path)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toMatch(/^text\/html/)
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(await answer.text()).toContain('<div id="root">')
})

test('each answer has a nonce of its own, which its policy allows for styles and nothing else', async () => {
  const nonces = await Promise.all(
    [1, 2].map(async () => {
      const answer = await openPage('/')
      const policy = answer.headers.get('content-security-policy') ?? ''
      const nonce = /style-src 'self' 'nonce-([^']+)'/.exec(policy)?.[1]
      expect(await answer.text()).toContain(`nonce="${nonce}"`)
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("script-src 'self';")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).toContain("img-src 'self' blob: data: https://bricks.example;")
      expect(policy.replace('https://bricks.example', '')).not.toMatch(/unsafe|https?:|\*/)
      return nonce
    }),
  )
  expect(new Set(nonces).size).toBe(2)
})

test('files with their content in their name are kept for good', async () => {
  const answer = await fetch(`${platform.url}/assets/main-1a2b.js`)
  expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(answer.headers.get('content-type')).toMatch(/javascript/)
  expect(await answer.text()).toBe(script)
})

test('a running gateway serves the next build: its page, and the files that it names', async () => {
  writeFileSync(join(pages, 'index.html'), index.replace('root', 'rebuilt'))
  writeFileSync(join(pages, 'assets', 'main-3c4d.js'), script)
  expect(await (await openPage('/')).text()).toContain('<div id="rebuilt">')
  expect(await (await fetch(`${platform.url}/assets/main-3c4d.js`)).text()).toBe(script)

  rmSync(join(pages, 'index.html'))
  const meanwhile = await openPage('/')
  expect(meanwhile.status).toBe(503)
  expect(await meanwhile.text()).toContain('reload in a moment')
  writeFileSync(join(pages, 'index.html'), index)
  expect((await openPage('/')).status).toBe(200)
})

test('a browser that knows brotli gets what was compressed before', async () => {
  const { headers, body } = await rawGet('/assets/main-1a2b.js', { 'accept-encoding': 'gzip, br' })
  expect(headers['content-encoding']).toBe('br')
  expect(brotliDecompressSync(body).toString()).toBe(script)
})

test.each([
  '/assets/main-0000.js',
  '/files/nothing',
  '/assets/../../etc/passwd',
  '/assets/%2e%2e/index.html',
])('what is not there is not the page: %s', async (path) => {
  const { status } = await rawGet(path, { accept: 'text/html' })
  expect(status).toBe(404)
})

test('who does not ask for a page gets none', async () => {
  const answer = await fetch(`${platform.url}/projects`, { headers: { accept: 'application/json' } })
  expect(answer.status).toBe(404)
  expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] })
})

/** As sent and as answered: fetch would resolve dots and decompress. */
function rawGet(path: string, headers: Readonly<Record<string, string>>) {
  const { hostname, port } = new URL(platform.url)
  return new Promise<{ status?: number; headers: Record<string, unknown>; body: Buffer }>(
    (resolve, reject) => {
      get({ hostname, port, path, headers }, (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('end', () =>
          resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }),
        )
      }).on('error', reject)
    },
  )
}
