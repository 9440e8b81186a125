import { GraphClient } from '@ymir/graphql'
import { waitUntil } from '@ymir/service'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestPlatform, type TestPlatform } from './testing/platform.ts'

let platform: TestPlatform
let ada: string

beforeAll(async () => {
  platform = await startTestPlatform({ corsOrigins: ['https://ymir.example'] })
  platform.world.addJob('job1', 'p1', 'RUNNING')
  ada = platform.world.signIn('ada', { p1: 'VIEWER' })
})
afterAll(() => platform.stop())

const post = (body: string, headers: Record<string, string> = {}) =>
  fetch(`${platform.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })

test('a query crosses services with the rights of the token', async () => {
  const query = '{ viewer { id } job(id: "job1") { state model project { id name } } }'

  const { data, errors } = await platform.ask(query, { token: ada })

  expect(errors).toBeUndefined()
  expect(data).toEqual({
    viewer: { id: 'ada' },
    job: { state: 'RUNNING', model: 'model of job1', project: { id: 'p1', name: 'project p1' } },
  })
})

test('what the caller may not see is refused by the service that has it', async () => {
  const eve = platform.world.signIn('eve')

  const { errors } = await platform.ask('{ job(id: "job1") { state } }', { token: eve })

  expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', service: 'executor' })
})

test('a token that nobody has is refused, no token is nobody', async () => {
  const wrong = await post('{"query":"{ viewer { id } }"}', { authorization: 'Bearer guessed' })
  const noBearer = await post('{"query":"{ viewer { id } }"}', { authorization: 'Basic YTpi' })
  const nobody = await platform.ask('{ viewer { id } job(id: "job1") { id } }')

  expect(wrong.status).toBe(401)
  expect(await wrong.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
  expect(noBearer.status).toBe(401)
  expect(nobody.data).toEqual({ viewer: null, job: null })
  expect(nobody.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
})

test('identity is asked once for a token that comes often, and again after a sign-out', async () => {
  const token = platform.world.signIn('often')
  const asked = () => platform.world.asked.get('caller') ?? 0
  const before = asked()

  for (let i = 0; i < 5; i++) await platform.ask('{ viewer { id } }', { token })
  expect(asked() - before).toBe(1)

  expect((await platform.ask('mutation { signOut }', { token })).data).toEqual({ signOut: true })
  const after = await post('{"query":"{ viewer { id } }"}', { authorization: `Bearer ${token}` })
  expect(after.status).toBe(401)
})

test('services are told the session that asks and the address of its client', async () => {
  const { data } = await platform.ask('{ asker }', { token: ada })
  const nobody = await platform.ask('{ asker }')

  expect(data?.asker).toMatchObject({ userId: 'ada', sessionId: 'session of ada', address: '127.0.0.1' })
  expect(nobody.data?.asker).toEqual({ kind: 'nobody', address: '127.0.0.1' })
})

test('the address that a proxy tells is believed only of proxies that the operator named', async () => {
  const behindProxy = await startTestPlatform({ trustedProxies: ['127.0.0.1', '10.0.0.0/8'] })
  const headers = { 'x-forwarded-for': '198.51.100.9, 203.0.113.7, 10.1.2.3' }
  try {
    const forged = await platform.ask('{ asker }', { headers })
    const told = await behindProxy.ask('{ asker }', { headers })

    expect(forged.data?.asker).toMatchObject({ address: '127.0.0.1' })
    // what stands left of it the client itself may have written
    expect(told.data?.asker).toMatchObject({ address: '203.0.113.7' })
  } finally {
    await behindProxy.stop()
  }
})

test('a service asks the graph as itself; nobody else can pass for one', async () => {
  const { url, secret } = platform
  const service = new GraphClient({ gatewayUrl: url, secret, service: 'mining' })
  const stranger = new GraphClient({ gatewayUrl: url, secret: 'x'.repeat(32), service: 'mining' })

  expect(await service.query('{ job(id: "job1") { state } }')).toEqual({ job: { state: 'RUNNING' } })
  await expect(stranger.query('{ job(id: "job1") { state } }')).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
  })
  await Promise.all([service.close(), stranger.close()])
})

test('a service that is down costs its own fields only, and its address stays inside', async () => {
  const other = await startTestPlatform()
  try {
    other.world.addJob('job1', 'p1')
    const token = other.world.signIn('ada', { p1: 'VIEWER' })
    await other.stopService('executor')

    const { data, errors } = await other.ask('{ project(id: "p1") { name } job(id: "job1") { state } }', {
      token,
    })

    expect(data).toEqual({ project: { name: 'project p1' }, job: null })
    expect(errors).toHaveLength(1)
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'SERVICE_UNAVAILABLE', service: 'executor' })
    expect(JSON.stringify(errors)).not.toMatch(/127\.0\.0\.1|localhost|ECONN/)
  } finally {
    await other.stop()
  }
})

test('a query that is too deep, too wide, too long or asks for too much is refused with its code', async () => {
  const nested = (levels: number): string => (levels === 0 ? 'id' : `neighbours { ${nested(levels - 1)} }`)
  const aliases = Array.from({ length: 101 }, (_, i) => `a${i}: viewer { id }`).join(' ')
  const fragment = 'fragment F on Project { neighbours { neighbours { id } } }'
  const codeOf = async (query: string) =>
    (await platform.ask(query, { token: ada })).errors?.[0]?.extensions.code

  expect(await codeOf(`{ project(id: "p1") { ${nested(48)} } }`)).toBe('QUERY_TOO_DEEP')
  expect(await codeOf(`{ ${aliases} }`)).toBe('TOO_MANY_ALIASES')
  expect(await codeOf(`{ viewer { ${'id '.repeat(6_000)} } }`)).toBe('GRAPHQL_PARSE_FAILED')
  expect(
    await codeOf(`${fragment} { project(id: "p1") { ${'neighbours { '.repeat(5)} ...F ${' }'.repeat(5)} } }`),
  ).toBe('QUERY_TOO_COSTLY')
  expect(await codeOf(`{ project(id: "p1") { ${nested(3)} } }`)).toBeUndefined()
})

test('a body over a megabyte, a batch and a body that is no JSON are refused', async () => {
  const big = await post(JSON.stringify({ query: `{ viewer { id } } #${'x'.repeat(1024 * 1024)}` }))
  const batch = await post('[{"query":"{ viewer { id } }"},{"query":"{ viewer { id } }"}]')
  const broken = await post('{"query":')

  expect(big.status).toBe(413)
  expect(await big.json()).toMatchObject({ errors: [{ extensions: { code: 'BODY_TOO_LARGE' } }] })
  expect(batch.status).toBe(400)
  expect(broken.status).toBe(400)
})

test('GraphQL over HTTP: its media type, its status codes, persisted documents, no cross-site requests', async () => {
  const accept = { accept: 'application/graphql-response+json' }
  const valid = await post('{"query":"{ viewer { id } }"}', accept)
  const invalid = await post('{"query":"{ nothing }"}', accept)
  const form = await fetch(`${platform.url}/graphql?query=${encodeURIComponent('{ viewer { id } }')}`)
  const persisted = { persistedQuery: { version: 1, sha256Hash: 'ab'.repeat(32) } }
  const unknown = await post(JSON.stringify({ extensions: persisted }))

  expect(valid.headers.get('content-type')).toContain('application/graphql-response+json')
  expect(invalid.status).toBe(400)
  expect(form.status).toBe(400)
  expect(await unknown.json()).toMatchObject({
    errors: [{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }],
  })
})

test('other pages are let in only if the operator named them; every answer carries its headers of caution', async () => {
  const preflight = (origin: string) =>
    fetch(`${platform.url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    })

  expect((await preflight('https://ymir.example')).headers.get('access-control-allow-origin')).toBe(
    'https://ymir.example',
  )
  expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull()
  expect((await post('{"query":"{ viewer { id } }"}')).headers.get('x-content-type-options')).toBe('nosniff')
})

test('a changed supergraph is taken while running', async () => {
  const other = await startTestPlatform()
  try {
    const path = join(dirname(other.uploads), 'supergraph.graphql')
    const text = readFileSync(path, 'utf8')
    const fields = async () => {
      const { data } = await other.ask('{ __type(name: "User") { fields { name } } }')
      const { fields } = (data as unknown as { __type: { fields: { name: string }[] } }).__type // as asked
      return fields.map(({ name }) => name)
    }
    expect(await fields()).toContain('role')

    writeFileSync(path, text.replace(/(type User[^{]*\{[^}]*)role: String!/, '$1position: String!'))
    await waitUntil('the new field to be there', async () => (await fields()).includes('position'))
  } finally {
    await other.stop()
  }
})

test('health is open', async () => {
  await waitUntil('the bus to be connected', async () => {
    const health = (await (await fetch(`${platform.url}/health`)).json()) as { bus: string }
    return health.bus === 'connected'
  })
})
