import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { anIdentityService, nobody, password, signUpMutation, type IdentityService } from '../testing.ts'

let identity: IdentityService
beforeAll(async () => {
  identity = await anIdentityService()
})
beforeEach(() => identity.forgetAll())
afterAll(() => identity.stop())

const setRole = /* GraphQL */ `
  mutation ($input: SetUserRoleInput!) {
    setUserRole(input: $input) {
      user {
        role
      }
    }
  }
`

const signUp = (email: string, wrong: object = {}) =>
  identity.ask(nobody, signUpMutation, { input: { email, name: 'Ada', password, ...wrong } })

test('of several who sign up first at the same moment one is the administrator, the others are members', async () => {
  expect((await identity.ask(nobody, '{ setUpNeeded viewer { id } }')).data).toEqual({
    setUpNeeded: true,
    viewer: null,
  })
  const emails = ['a@example.org', 'b@example.org', 'c@example.org', 'd@example.org']
  const answers = await Promise.all(emails.map((email) => signUp(email)))

  const roles = answers.map(({ data }) => data.signUp.user.role)
  expect(roles.sort()).toEqual(['ADMINISTRATOR', 'MEMBER', 'MEMBER', 'MEMBER'])
  expect((await identity.ask(nobody, '{ setUpNeeded }')).data).toEqual({ setUpNeeded: false })
})

test('who signed up is signed in', async () => {
  const { token, user } = (await signUp('ada@example.org')).data.signUp
  expect((await identity.askAs({ token }, '{ viewer { id email name } }')).data.viewer).toEqual({
    id: user.id,
    email: 'ada@example.org',
    name: 'Ada',
  })
})

test('an e-mail signs up once, however it is written', async () => {
  const answers = await Promise.all([signUp('ada@example.org'), signUp('  ADA@Example.ORG ')])
  expect(answers.map(({ code }) => code).sort()).toEqual(['EMAIL_TAKEN', undefined])
})

test.each([
  [{ email: 'ada' }, 'BAD_USER_INPUT', /"ada" is not an e-mail address/],
  [{ password: 'short' }, 'WEAK_PASSWORD', /5 characters; use at least 10/],
  [{ name: '' }, 'BAD_USER_INPUT', /name/],
  [{ name: '   ' }, 'BAD_USER_INPUT', /name must not be blank/],
  [{ name: 'A\0B' }, 'BAD_USER_INPUT', /name must not be blank or hold control characters/],
  [{ name: 'x'.repeat(101) }, 'BAD_USER_INPUT', /name/],
  [{ email: `${'a'.repeat(300)}@example.org` }, 'BAD_USER_INPUT', /email/],
])('sign-up with %j is refused as %s, and nobody is made', async (wrong, code, message) => {
  expect(await signUp('ada@example.org', wrong)).toMatchObject({
    code,
    message: expect.stringMatching(message),
  })
  expect((await identity.ask(nobody, '{ setUpNeeded }')).data.setUpNeeded).toBe(true)
})

test('an administrator closes sign-up and opens it again; nobody else does', async () => {
  const close = 'mutation ($open: Boolean!) { setSignUpOpen(input: { open: $open }) { signUpOpen } }'
  const administrator = await identity.aPerson({ role: 'ADMINISTRATOR' })
  const member = await identity.aPerson()

  expect((await identity.askAs(member, close, { open: false })).code).toBe('FORBIDDEN')
  expect((await identity.ask(nobody, close, { open: false })).code).toBe('UNAUTHENTICATED')
  expect((await identity.askAs(administrator, close, { open: false })).data).toEqual({
    setSignUpOpen: { signUpOpen: false },
  })
  expect((await signUp('ada@example.org')).code).toBe('SIGN_UP_CLOSED')
  await identity.askAs(administrator, close, { open: true })
  expect((await signUp('ada@example.org')).code).toBeUndefined()
})

test('there is always an administrator', async () => {
  const first = await identity.aPerson({ role: 'ADMINISTRATOR' })
  const second = await identity.aPerson()
  const demote = (who: { id: string }) => ({ input: { userId: who.id, role: 'MEMBER' } })

  expect((await identity.askAs(first, setRole, demote(first))).code).toBe('LAST_ADMINISTRATOR')
  await identity.askAs(first, setRole, { input: { userId: second.id, role: 'ADMINISTRATOR' } })
  const answers = await Promise.all([
    identity.askAs(first, setRole, demote(second)),
    identity.askAs(second, setRole, demote(first)),
  ])
  const left = await identity.database.query(`select id from users where role = 'ADMINISTRATOR'`)
  expect(left).toHaveLength(1)
  expect(answers.filter(({ code }) => code === undefined)).toHaveLength(1)
})

test('administrators see everybody, page by page, newest first', async () => {
  const people = [
    await identity.aPerson({ role: 'ADMINISTRATOR' }),
    await identity.aPerson(),
    await identity.aPerson(),
  ]
  const query = `query ($after: String) {
    users(first: 2, after: $after) { totalCount edges { node { id } } pageInfo { hasNextPage endCursor } }
  }`
  const first = (await identity.askAs(people[0]!, query)).data.users
  const second = (await identity.askAs(people[0]!, query, { after: first.pageInfo.endCursor })).data.users

  const seen = [...first.edges, ...second.edges].map(({ node }: { node: { id: string } }) => node.id)
  expect(seen).toEqual(people.map(({ id }) => id).reverse())
  expect([first.totalCount, first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([
    3,
    true,
    false,
  ])
  expect((await identity.askAs(people[1]!, query)).code).toBe('FORBIDDEN')
})

test('other services find users by id, an unknown id gives null', async () => {
  const ada = await identity.aPerson()
  const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { id name } } }'
  const r = [ada.id, 'a1b2c3d4-0000-4000-8000-000000000000', 'platform', ada.id].map((id) => ({
    __typename: 'User',
    id,
  }))
  const { data } = await identity.askAs(ada, query, { r })
  expect(data._entities).toEqual([{ id: ada.id, name: 'Ada' }, null, null, { id: ada.id, name: 'Ada' }])
})

test('no answer and no table holds a password', async () => {
  expect((await signUp('ada@example.org', { password: 'a very plain password' })).code).toBeUndefined()
  for (const table of ['users', 'sessions', 'audit_entries', 'attempts', 'outbox']) {
    const rows = await identity.database.query(`select * from ${table}`)
    expect(JSON.stringify(rows)).not.toContain('a very plain password')
  }
  const fields = await identity.ask(nobody, '{ __type(name: "User") { fields { name } } }')
  expect(fields.data.__type.fields.map(({ name }: { name: string }) => name)).not.toContain('passwordHash')
})
