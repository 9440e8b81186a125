import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { anIdentityService, nobody, service, type IdentityService } from '../testing.ts'

let identity: IdentityService
beforeAll(async () => {
  identity = await anIdentityService()
})
afterAll(() => identity.stop())

const issue = `mutation ($input: IssueVendorKeyInput!) { issueVendorKey(input: $input) { token } }`
const revoke = `mutation ($id: ID!) { revokeVendorKeys(input: { vendorId: $id }) { vendorId } }`
const whose = `query ($token: String!) { vendorOfToken(token: $token) { vendorId expiresAt } }`

async function aToken(vendorId: string, earlierSeconds = 0): Promise<string> {
  const { data } = await identity.ask(service, issue, { input: { vendorId, earlierSeconds } })
  return data.issueVendorKey.token
}
const vendorOf = async (token: string) => (await identity.ask(service, whose, { token })).data.vendorOfToken

test('a vendor is found by its token, which is no user and is stored as a hash', async () => {
  const vendorId = randomUUID()
  const token = await aToken(vendorId)
  expect(token).toMatch(/^ymir_v_[A-Za-z0-9_-]{43}$/)
  expect(await vendorOf(token)).toEqual({ vendorId, expiresAt: null })
  expect(await identity.callerOf(token)).toEqual(nobody)
  expect(await vendorOf(token.replace('ymir_v_', 'ymir_k_'))).toBeNull()
  const rows = JSON.stringify(await identity.database.query('select * from vendor_keys'))
  expect(rows).not.toContain(token)
})

test('a renewed token lets the earlier one live as long as was said, and revoking ends all', async () => {
  const vendorId = randomUUID()
  const other = await aToken(randomUUID())
  const first = await aToken(vendorId)
  const second = await aToken(vendorId, 3_600)
  expect((await vendorOf(first)).expiresAt).not.toBeNull()
  const third = await aToken(vendorId, 0)
  expect(await vendorOf(first)).toBeNull()
  expect(await vendorOf(second)).toBeNull()
  expect(await vendorOf(third)).toMatchObject({ vendorId })
  await identity.ask(service, revoke, { id: vendorId })
  expect(await vendorOf(third)).toBeNull()
  expect(await vendorOf(other)).not.toBeNull()
})

test('only services make, end and look up the tokens of vendors', async () => {
  const administrator = await identity.aPerson({ role: 'ADMINISTRATOR' })
  const input = { vendorId: randomUUID(), earlierSeconds: 0 }
  expect(await identity.askAs(administrator, issue, { input })).toMatchObject({ code: 'FORBIDDEN' })
  expect(await identity.askAs(administrator, revoke, { id: input.vendorId })).toMatchObject({
    code: 'FORBIDDEN',
  })
  expect(await identity.askAs(administrator, whose, { token: 'x' })).toMatchObject({ code: 'FORBIDDEN' })
})
