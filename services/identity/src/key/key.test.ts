import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { anIdentityService, nobody, type IdentityService } from '../testing.ts'

let identity: IdentityService
beforeAll(async () => {
  identity = await anIdentityService()
})
beforeEach(() => identity.forgetAll())
afterAll(() => identity.stop())

const create = /* GraphQL */ `
  mutation ($input: CreateApiKeyInput!) {
    createApiKey(input: $input) {
      token
      apiKey {
        id
        name
        scopes
        expiresAt
        lastUsedAt
      }
    }
  }
`
const revoke = 'mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { id } } }'

test('a key acts for its user within its scopes, and is listed without its token', async () => {
  const ada = await identity.aPerson()
  const { data } = await identity.askAs(ada, create, { input: { name: ' CI ', scopes: ['label', 'read'] } })
  const { token, apiKey } = data.createApiKey

  expect(token).toMatch(/^ymir_k_[A-Za-z0-9_-]{43}$/)
  expect(apiKey).toMatchObject({ name: 'CI', scopes: ['read', 'label'], expiresAt: null, lastUsedAt: null })
  expect(await identity.callerOf(token)).toMatchObject({ userId: ada.id, scopes: ['read', 'label'] })
  expect((await identity.askAs({ token }, '{ viewer { id } }')).data.viewer.id).toBe(ada.id)
  const [listed] = (await identity.askAs(ada, '{ apiKeys { id lastUsedAt } }')).data.apiKeys
  expect(listed.id).toBe(apiKey.id)
  expect(Date.now() - Date.parse(listed.lastUsedAt)).toBeLessThan(60_000)
})

test('a revoked key opens nothing', async () => {
  const ada = await identity.aPerson()
  const { token, apiKey } = (await identity.askAs(ada, create, { input: { name: 'CI', scopes: ['read'] } }))
    .data.createApiKey
  await identity.askAs(ada, revoke, { id: apiKey.id })

  expect(await identity.callerOf(token)).toEqual(nobody)
  expect((await identity.askAs(ada, '{ apiKeys { id } }')).data.apiKeys).toEqual([])
})

test('a key ends at its time', async () => {
  const ada = await identity.aPerson()
  const input = { name: 'CI', scopes: ['read'], expiresAt: new Date(Date.now() + 3_600_000).toISOString() }
  const { token } = (await identity.askAs(ada, create, { input })).data.createApiKey

  expect(await identity.callerOf(token)).toMatchObject({ userId: ada.id })
  await identity.database.query(`update api_keys set expires_at = now() - interval '1 second'`)
  expect(await identity.callerOf(token)).toEqual(nobody)
})

test.each([
  [{ name: 'CI', scopes: [] }, /scopes/],
  [{ name: 'CI', scopes: ['read', 'account'] }, /scopes/],
  [{ name: '', scopes: ['read'] }, /name/],
  [{ name: 'CI', scopes: ['read'], expiresAt: '2020-01-01T00:00:00Z' }, /expiresAt lies in the past/],
])('%j makes no key', async (input, message) => {
  const ada = await identity.aPerson()
  expect(await identity.askAs(ada, create, { input })).toMatchObject({
    code: 'BAD_USER_INPUT',
    message: expect.stringMatching(message),
  })
})

test('a key makes no keys, does not sign out, and without write changes nothing', async () => {
  const ada = await identity.aPerson()
  const keyWith = async (...scopes: string[]) =>
    (await identity.askAs(ada, create, { input: { name: 'CI', scopes } })).data.createApiKey as {
      token: string
    }

  const writer = await keyWith('read', 'write')
  expect((await identity.askAs(writer, create, { input: { name: 'heir', scopes: ['read'] } })).code).toBe(
    'FORBIDDEN',
  )
  expect((await identity.askAs(writer, 'mutation { signOut }')).code).toBe('FORBIDDEN')
  const reader = await keyWith('read')
  expect((await identity.askAs(reader, 'mutation { signOut }')).message).toMatch(/lacks the scope "write"/)
})

test("nobody sees or revokes another's keys", async () => {
  const ada = await identity.aPerson()
  const eve = await identity.aPerson()
  const { apiKey } = (await identity.askAs(ada, create, { input: { name: 'CI', scopes: ['read'] } })).data
    .createApiKey

  expect((await identity.askAs(eve, revoke, { id: apiKey.id })).code).toBe('NOT_FOUND')
  expect((await identity.askAs(eve, '{ apiKeys { id } }')).data.apiKeys).toEqual([])
  expect((await identity.ask(nobody, '{ apiKeys { id } }')).code).toBe('UNAUTHENTICATED')
})
