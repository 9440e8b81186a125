import { randomUUID } from 'node:crypto'
import { busMigrations, openBus } from '@ymir/bus'
import { openTestDatabase } from '@ymir/database'
import {
  CALLER_HEADER,
  serveSubgraph,
  signIdentity,
  type Caller,
  type ProjectRole,
  type Role,
} from '@ymir/graphql'
import { migrations } from './migrations.ts'
import { openSession } from './session/sign-in.ts'
import { storage } from './storage.ts'
import { subgraph } from './subgraph.ts'
import { hashPassword } from './user/password.ts'
import { User } from './user/user.entity.ts'

const secret = 'secret of a platform that lives for a test'

// Answers are of the shape that the test's own document asks for.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Data = any

export interface Answer {
  readonly data: Data
  /** Code of the first error. */
  readonly code: string | undefined
  readonly message: string | undefined
  readonly errors: readonly { message: string; extensions: Readonly<Record<string, unknown>> }[]
}

/** Someone with an open session. */
export interface Person {
  readonly id: string
  readonly email: string
  readonly token: string
}

export const password = 'correct horse battery'

let passwordHash: string | undefined
let clock = Date.parse('2026-01-01') // people come one after the other

export const service: Caller = { kind: 'service', name: 'dataset' }
export const nobody: Caller = { kind: 'nobody' }

/** The whole service on a fresh schema of the tests' PostgreSQL and the tests' nats-server. */
export async function anIdentityService() {
  const { database, url, close } = await openTestDatabase('identity', {
    entities: storage.entities,
    migrations: [...busMigrations, ...migrations],
  })
  const natsUrl = process.env.YMIR_TEST_NATS_URL ?? ''
  const bus = await openBus({ service: 'identity', natsUrl, database })
  await bus.start()
  const configuration = {
    service: 'identity',
    host: '127.0.0.1',
    port: 0,
    databaseUrl: url,
    natsUrl,
    gatewayUrl: 'http://127.0.0.1:9', // nobody listens: identity asks nobody
    secret,
    home: '',
    blobs: '',
    uploads: '',
  }
  const server = await serveSubgraph({ configuration, subgraph, context: { database, bus } })

  /** Asks as the gateway does. */
  async function ask(caller: Caller, query: string, variables: object = {}): Promise<Answer> {
    const body = JSON.stringify({ query, variables })
    const signature = signIdentity(caller, { method: 'POST', path: '/graphql', body }, secret)
    const response = await fetch(`http://127.0.0.1:${server.port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [CALLER_HEADER]: signature },
      body,
    })
    const { data, errors = [] } = (await response.json()) as Partial<Answer> // GraphQL over HTTP
    const [first] = errors
    return { data, errors, code: first?.extensions.code?.toString(), message: first?.message }
  }

  /** The caller behind a token, found out as the gateway does. */
  async function callerOf(token: string): Promise<Caller> {
    const { data } = await ask(service, callerQuery, { token })
    const { caller } = data as { caller: FoundCaller | null } // the document above
    if (!caller) return nobody
    const { user, scopes, sessionId } = caller
    const memberships = Object.fromEntries(caller.memberships.map(({ projectId, role }) => [projectId, role]))
    return {
      kind: 'user',
      userId: user.id,
      role: user.role,
      scopes,
      memberships,
      ...(sessionId && { sessionId }),
    }
  }

  async function askAs(who: { token: string }, query: string, variables: object = {}): Promise<Answer> {
    return ask(await callerOf(who.token), query, variables)
  }

  /** Someone with the password above, made without the cost of signing up. */
  async function aPerson(values: Partial<Pick<User, 'name' | 'role'>> = {}): Promise<Person> {
    const id = randomUUID()
    passwordHash ??= await hashPassword(password)
    const createdAt = new Date(++clock)
    const user = { id, email: `${id}@example.org`, name: 'Ada', role: 'MEMBER', ...values } as const
    await database.manager.insert(User, { ...user, passwordHash, createdAt })
    const { token } = await openSession(database.manager, database.manager.create(User, user))
    return { id, email: user.email, token }
  }

  /** As before the first sign-up. */
  async function forgetAll(): Promise<void> {
    await database.query('truncate users, sessions, api_keys, memberships, attempts, audit_entries, outbox')
    await database.query('update settings set sign_up_open = true')
  }

  async function stop(): Promise<void> {
    await server.stop()
    await bus.stop()
    await close()
  }

  return { aPerson, ask, askAs, callerOf, database, forgetAll, stop }
}

export type IdentityService = Awaited<ReturnType<typeof anIdentityService>>

interface FoundCaller {
  readonly user: { readonly id: string; readonly role: Role }
  readonly scopes: string[]
  readonly sessionId: string | null
  readonly memberships: readonly { readonly projectId: string; readonly role: ProjectRole }[]
}

const callerQuery = /* GraphQL */ `
  query CallerOf($token: String!) {
    caller(token: $token) {
      user {
        id
        role
      }
      scopes
      sessionId
      memberships {
        projectId
        role
      }
    }
  }
`

export const signUpMutation = /* GraphQL */ `
  mutation SignUp($input: SignUpInput!) {
    signUp(input: $input) {
      token
      expiresAt
      user {
        id
        email
        name
        role
      }
    }
  }
`

export const signInMutation = /* GraphQL */ `
  mutation SignIn($input: SignInInput!) {
    signIn(input: $input) {
      token
      user {
        id
      }
    }
  }
`
