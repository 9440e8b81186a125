import type { Caller } from '@ymir/graphql'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  anIdentityService,
  nobody,
  password,
  service,
  signInMutation,
  type IdentityService,
} from '../testing.ts'

let identity: IdentityService
beforeAll(async () => {
  identity = await anIdentityService()
})
beforeEach(() => identity.forgetAll())
afterAll(() => identity.stop())

const signIn = (email: string, password: string, caller: Caller = nobody) =>
  identity.ask(caller, signInMutation, { input: { email, password } })

const attemptsBefore = (count: number, about: string) =>
  identity.database.query('insert into attempts (about) select $1::text from generate_series(1, $2::int)', [
    about,
    count,
  ])

test('a session knows its user until it is signed out', async () => {
  const ada = await identity.aPerson()
  const { data } = await signIn(` ${ada.email.toUpperCase()}`, password)
  const { token } = data.signIn

  expect(token).toMatch(/^ymir_s_[A-Za-z0-9_-]{43}$/)
  expect(await identity.callerOf(token)).toMatchObject({
    kind: 'user',
    userId: ada.id,
    role: 'MEMBER',
  })
  expect((await identity.askAs({ token }, 'mutation { signOut }')).data).toEqual({ signOut: true })
  expect(await identity.callerOf(token)).toEqual(nobody)
  expect(await identity.callerOf(ada.token), 'the other session goes on').toMatchObject({ userId: ada.id })
})

test('signing out everywhere ends all sessions of that user', async () => {
  const ada = await identity.aPerson()
  const eve = await identity.aPerson()
  const { token } = (await signIn(ada.email, password)).data.signIn
  await identity.askAs({ token }, 'mutation { signOut(everywhere: true) }')

  expect(await identity.callerOf(ada.token)).toEqual(nobody)
  expect(await identity.callerOf(eve.token)).toMatchObject({ userId: eve.id })
})

test('wrong password and unknown e-mail get the same answer for the same work', async () => {
  const ada = await identity.aPerson()
  const measured = async (email: string) => {
    const before = process.cpuUsage() // unlike the clock it does not mind what else the machine does
    const { code, message } = await signIn(email, 'not my password')
    const { user } = process.cpuUsage(before)
    return { answer: [code, message], microseconds: user }
  }
  await measured(ada.email) // the first is slower than all others
  const wrong = await measured(ada.email)
  const unknown = await measured('eve@example.org')

  expect(wrong.answer).toEqual(['WRONG_CREDENTIALS', 'e-mail or password is wrong'])
  expect(unknown.answer).toEqual(wrong.answer)
  // without hashing for nobody it would be a thirtieth
  expect(unknown.microseconds).toBeGreaterThan(wrong.microseconds / 2)
})

test('after ten wrong passwords an e-mail waits, whoever asks; others do not', async () => {
  const ada = await identity.aPerson()
  const eve = await identity.aPerson()
  await attemptsBefore(8, `email ${ada.email}`)
  const guesses = await Promise.all(Array.from({ length: 6 }, () => signIn(ada.email, 'not my password')))

  expect(guesses.filter(({ code }) => code === 'WRONG_CREDENTIALS')).toHaveLength(2)
  const refused = await signIn(ada.email, password)
  expect(refused.code).toBe('RATE_LIMITED')
  expect(refused.message).toBe('too many attempts; try again in 15 minutes')
  expect(refused.errors[0]?.extensions.retryAfterSeconds).toBeGreaterThan(14 * 60)
  expect((await signIn(eve.email, password)).code).toBeUndefined()
  expect(await identity.callerOf(ada.token), 'who is signed in stays so').toMatchObject({ userId: ada.id })

  await identity.database.query(`update attempts set attempted_at = attempted_at - interval '15 minutes'`)
  expect((await signIn(ada.email, password)).code).toBeUndefined()
})

test('a right password wipes the slate', async () => {
  const ada = await identity.aPerson()
  await attemptsBefore(9, `email ${ada.email}`)
  expect((await signIn(ada.email, password)).code).toBeUndefined()
  expect((await signIn(ada.email, 'not my password')).code).toBe('WRONG_CREDENTIALS')
})

test('an address that tries a hundred times waits, for sign-in and sign-up', async () => {
  const from = (address: string): Caller => ({ kind: 'nobody', address })
  await identity.database.query(
    `insert into attempts (about) select 'address 192.0.2.1' from generate_series(1, 99)`,
  )

  expect((await signIn('a@example.org', 'not my password', from('192.0.2.1'))).code).toBe('WRONG_CREDENTIALS')
  expect((await signIn('b@example.org', 'not my password', from('192.0.2.1'))).code).toBe('RATE_LIMITED')
  expect((await signIn('b@example.org', 'not my password', from('192.0.2.2'))).code).toBe('WRONG_CREDENTIALS')
  const input = '{ email: "c@example.org", name: "C", password: "correct horse battery" }'
  const signUp = `mutation { signUp(input: ${input}) { token } }`
  expect((await identity.ask(from('192.0.2.1'), signUp)).code).toBe('RATE_LIMITED')
})

test('an expired session is nobody', async () => {
  const ada = await identity.aPerson()
  await identity.database.query(`update sessions set expires_at = now() - interval '1 second'`)
  expect(await identity.callerOf(ada.token)).toEqual(nobody)
})

test.each(['', 'ymir_s_', 'Bearer x', `ymir_s_${'A'.repeat(43)}`, `ymir_k_${'A'.repeat(43)}`, "' or 1=1 --"])(
  'the token %j is nobody',
  async (token) => {
    expect(
      (await identity.ask(service, 'query ($t: String!) { caller(token: $t) { scopes } }', { t: token }))
        .data,
    ).toEqual({
      caller: null,
    })
  },
)

test('tokens are stored as their hashes only', async () => {
  const ada = await identity.aPerson()
  const rows = await identity.database.query(`select *, encode(token_sha256, 'escape') from sessions`)
  expect(rows).toHaveLength(1)
  expect(JSON.stringify(rows)).not.toContain(ada.token.slice('ymir_s_'.length))
})

test('only services may ask who a token belongs to', async () => {
  const ada = await identity.aPerson()
  const query = 'query ($t: String!) { caller(token: $t) { scopes } }'
  expect((await identity.askAs(ada, query, { t: ada.token })).code).toBe('FORBIDDEN')
  expect((await identity.ask(nobody, query, { t: ada.token })).code).toBe('FORBIDDEN')
})
