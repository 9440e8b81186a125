import { randomUUID } from 'node:crypto'
import { busMigrations, openBus } from '@ymir/bus'
import { openTestDatabase } from '@ymir/database'
import { MembershipChangedSchema } from '@ymir/proto-events'
import { waitUntil } from '@ymir/service'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { anIdentityService, nobody, service, type IdentityService, type Person } from '../testing.ts'

let identity: IdentityService
let administrator: Person
let owner: Person
let projectId: string
beforeAll(async () => {
  identity = await anIdentityService()
})
beforeEach(async () => {
  await identity.forgetAll()
  administrator = await identity.aPerson({ role: 'ADMINISTRATOR' })
  owner = await identity.aPerson({ name: 'Owner' })
  projectId = randomUUID()
  await grant(owner)
})
afterAll(() => identity.stop())

const fields = '{ membership { role projectId user { id } } }'
const grantMutation = `mutation ($input: GrantProjectInput!) { grantProject(input: $input) ${fields} }`
const setMutation = `mutation ($input: SetMemberInput!) { setMember(input: $input) ${fields} }`
const removeMutation = `mutation ($input: RemoveMemberInput!) { removeMember(input: $input) ${fields} }`

const grant = ({ id }: Person, caller = service) =>
  identity.ask(caller, grantMutation, { input: { projectId, userId: id } })
const setMember = (who: Person, member: Person, role: string) =>
  identity.askAs(who, setMutation, { input: { projectId, email: member.email, role } })
const removeMember = (who: Person, member: Person) =>
  identity.askAs(who, removeMutation, { input: { projectId, userId: member.id } })
const roleOf = async ({ id }: Person): Promise<string | undefined> => {
  const query = 'query ($p: ID!, $u: ID!) { membership(projectId: $p, userId: $u) { role } }'
  return (await identity.ask(service, query, { p: projectId, u: id })).data.membership?.role
}
const said = async (): Promise<{ userId: string; role: string; actorId: string }[]> => {
  const rows = await identity.database.query(
    `select data from outbox where project_id = $1 order by position`,
    [projectId],
  )
  return rows.map(({ data }: { data: object }) => data)
}

test('a new project gets its first owner once', async () => {
  const again = await grant(owner)
  expect(again.data.grantProject.membership).toEqual({ role: 'OWNER', projectId, user: { id: owner.id } })
  expect(await said()).toEqual([{ projectId, userId: owner.id, role: 'OWNER', actorId: owner.id }])
  expect((await grant(administrator)).code).toBe('CONFLICT')
  expect((await grant(owner, await identity.callerOf(owner.token))).code).toBe('FORBIDDEN')
})

test('an owner gives roles, changes them and takes them away', async () => {
  const ada = await identity.aPerson()
  expect((await setMember(owner, ada, 'VIEWER')).data.setMember.membership).toEqual({
    role: 'VIEWER',
    projectId,
    user: { id: ada.id },
  })
  await setMember(owner, ada, 'EDITOR')
  expect(await roleOf(ada)).toBe('EDITOR')
  await setMember(owner, ada, 'EDITOR')
  await removeMember(owner, ada)
  expect(await roleOf(ada)).toBeUndefined()

  const ofAda = (await said()).filter(({ userId }) => userId === ada.id)
  expect(
    ofAda.map(({ role }) => role),
    'each change once, the last one ends it',
  ).toEqual(['VIEWER', 'EDITOR', ''])
  expect(ofAda.every(({ actorId }) => actorId === owner.id)).toBe(true)
})

test.each(['EDITOR', 'ANNOTATOR', 'VIEWER'])(
  '%s is no owner: they see the members and change none',
  async (role) => {
    const [ada, eve] = [await identity.aPerson(), await identity.aPerson()]
    await setMember(owner, ada, role)

    expect(await setMember(ada, ada, 'OWNER')).toMatchObject({
      code: 'FORBIDDEN',
      message: `this needs the role OWNER in project ${projectId}; you are its ${role}`,
    })
    expect((await setMember(ada, eve, 'VIEWER')).code).toBe('FORBIDDEN')
    expect((await removeMember(ada, owner)).code).toBe('FORBIDDEN')
    expect(await membersSeenBy(ada)).toEqual([
      { role: 'OWNER', user: { name: 'Owner' } },
      { role, user: { name: 'Ada' } },
    ])
  },
)

test('who was removed has no rights left, whatever their token said before', async () => {
  const ada = await identity.aPerson()
  await setMember(owner, ada, 'OWNER')
  const before = await identity.callerOf(ada.token)
  await removeMember(owner, ada)

  const input = { projectId, email: ada.email, role: 'OWNER' }
  expect((await identity.ask(before, setMutation, { input })).code).toBe('FORBIDDEN')
})

test('strangers and nobody see no members; an administrator does', async () => {
  const stranger = await identity.aPerson()
  expect((await askMembers(stranger)).code).toBe('FORBIDDEN')
  expect(
    (await identity.ask(nobody, membersQuery, { r: [{ __typename: 'Project', id: projectId }] })).code,
  ).toBe('UNAUTHENTICATED')
  expect(await membersSeenBy(administrator)).toHaveLength(1)
})

test('a project keeps an owner', async () => {
  const ada = await identity.aPerson()
  expect((await removeMember(owner, owner)).code).toBe('LAST_OWNER')
  expect((await setMember(owner, owner, 'EDITOR')).code).toBe('LAST_OWNER')

  await setMember(owner, ada, 'OWNER')
  const answers = await Promise.all([removeMember(owner, ada), removeMember(ada, owner)])
  expect(answers.filter(({ code }) => code === undefined)).toHaveLength(1)
  const owners = await identity.database.query(`select 1 from memberships where role = 'OWNER'`)
  expect(owners).toHaveLength(1)
})

test('a member may leave', async () => {
  const ada = await identity.aPerson()
  await setMember(owner, ada, 'VIEWER')
  expect((await removeMember(ada, ada)).code).toBeUndefined()
  expect(await roleOf(ada)).toBeUndefined()
})

test('unknown people and projects are named', async () => {
  const ada = await identity.aPerson()
  const unknown = { ...ada, email: 'nobody@example.org' }
  expect(await setMember(owner, unknown, 'VIEWER')).toMatchObject({
    code: 'NOT_FOUND',
    message: 'nobody with the e-mail nobody@example.org has signed up; ask them to do so first',
  })
  expect((await removeMember(owner, ada)).code).toBe('NOT_FOUND')
  projectId = randomUUID()
  expect((await setMember(administrator, ada, 'VIEWER')).message).toBe(`there is no project ${projectId}`)
  projectId = 'a.b'
  expect((await setMember(administrator, ada, 'VIEWER')).code).toBe('BAD_USER_INPUT')
})

test('other services hear of a change', async () => {
  const heard: string[] = []
  const listener = await openTestDatabase('listener', { entities: [], migrations: busMigrations })
  const natsUrl = process.env.YMIR_TEST_NATS_URL ?? ''
  const bus = await openBus({ service: 'dataset', natsUrl, database: listener.database })
  try {
    bus.handle(MembershipChangedSchema, (event) => {
      if (event.projectId === projectId) heard.push(`${event.userId} ${event.role}`)
      return Promise.resolve()
    })
    await bus.start()
    const ada = await identity.aPerson()
    await setMember(owner, ada, 'ANNOTATOR')
    await waitUntil('both changes', () => heard.length === 2)
    expect(heard).toEqual([`${owner.id} OWNER`, `${ada.id} ANNOTATOR`])
  } finally {
    await bus.stop()
    await listener.close()
  }
})

test('the audit tells who did what', async () => {
  const ada = await identity.aPerson()
  await setMember(owner, ada, 'VIEWER')
  await removeMember(ada, ada)
  const deeds = await identity.database.query(
    `select actor_id, action, about, details from audit_entries where about = $1 order by position`,
    [projectId],
  )
  expect(deeds).toEqual([
    {
      actor_id: owner.id,
      action: 'setMember',
      about: projectId,
      details: { userId: owner.id, role: 'OWNER' },
    },
    {
      actor_id: owner.id,
      action: 'setMember',
      about: projectId,
      details: { userId: ada.id, role: 'VIEWER' },
    },
    { actor_id: ada.id, action: 'removeMember', about: projectId, details: { userId: ada.id } },
  ])
})

const membersQuery = /* GraphQL */ `
  query ($r: [_Any!]!) {
    _entities(representations: $r) {
      ... on Project {
        members {
          role
          user {
            name
          }
        }
      }
    }
  }
`
const askMembers = (who: Person) =>
  identity.askAs(who, membersQuery, { r: [{ __typename: 'Project', id: projectId }] })
const membersSeenBy = async (who: Person) => (await askMembers(who)).data._entities[0].members
