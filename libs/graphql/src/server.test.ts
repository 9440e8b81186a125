import type { Configuration } from '@ymir/service'
import { MaxLength, ValidateBy } from 'class-validator'
import {
  Arg,
  Ctx,
  Directive,
  Field,
  ID,
  InputType,
  Mutation,
  ObjectType,
  Query,
  Resolver,
} from 'type-graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  CALLER_HEADER,
  notFound,
  serveSubgraph,
  signIdentity,
  type Caller,
  type RequestContext,
  type RunningSubgraph,
} from './index.ts'

@Directive('@key(fields: "id")')
@ObjectType()
class Brick {
  @Field(() => ID)
  id!: string
}

function isMixed(color: unknown): boolean {
  if (color === 'plaid') throw new Error('password=hunter2 at /etc/secret')
  return true
}

@InputType()
class PaintInput {
  @MaxLength(5)
  @ValidateBy({ name: 'mixed', validator: { validate: isMixed } })
  @Field(() => String)
  color!: string
}

@Resolver(() => Brick)
class BrickResolver {
  @Query(() => String)
  async secretOf(
    @Arg('projectId', () => ID) projectId: string,
    @Ctx() { access }: RequestContext,
  ): Promise<string> {
    await access.requireProject(projectId, 'EDITOR')
    return 'studs'
  }

  @Query(() => Brick)
  brick(@Arg('id', () => ID) id: string): Brick {
    if (id === 'broken') throw new Error('password=hunter2 at /etc/secret')
    throw notFound('brick', id)
  }

  @Mutation(() => String)
  paint(@Arg('input', () => PaintInput) input: PaintInput): string {
    return input.color
  }

  @Mutation(() => String)
  labelBrick(): string {
    return 'labelled'
  }
}

const secret = 's'.repeat(32)
const subgraph = {
  name: 'bricks',
  resolvers: [BrickResolver] as const,
  references: {
    Brick: async ({ id }: { id: string }, { loader }: RequestContext) => loader('brick', bricks).load(id),
  },
}
const batches: (readonly string[])[] = []
const bricks = (ids: readonly string[]) => {
  batches.push(ids)
  return Promise.resolve(ids.map((id) => ({ id })))
}
let running: RunningSubgraph

beforeAll(async () => {
  const configuration: Configuration = {
    service: 'bricks',
    host: '127.0.0.1',
    port: 0,
    databaseUrl: '',
    natsUrl: '',
    gatewayUrl: 'http://127.0.0.1:9',
    secret,
    home: '',
    blobs: '',
    uploads: '',
  }
  running = await serveSubgraph({
    configuration,
    subgraph: { ...subgraph, resolvers: [BrickResolver] },
    context: {},
    labelMutations: ['labelBrick'],
    routes: (app) => app.get('/files/*', (request) => ({ caller: request.caller.kind })),
  })
})
afterAll(() => running.stop())

const aMember = (scopes: string[] = ['read', 'write', 'label']): Caller => ({
  kind: 'user',
  userId: 'u1',
  role: 'MEMBER',
  scopes,
  memberships: { mine: 'EDITOR', watched: 'VIEWER' },
})

interface Answer {
  data?: Record<string, unknown> | null
  errors?: { message: string; extensions: Record<string, unknown> }[]
}

async function ask(
  query: string,
  { as = aMember(), variables = {} }: { as?: Caller; variables?: object } = {},
) {
  const body = JSON.stringify({ query, variables })
  const headers = {
    'content-type': 'application/json',
    [CALLER_HEADER]: signIdentity(as, { method: 'POST', path: '/graphql', body }, secret),
  }
  const response = await fetch(`http://127.0.0.1:${running.port}/graphql`, { method: 'POST', headers, body })
  return (await response.json()) as Answer
}

test('a request that the gateway did not sign is refused', async () => {
  const body = JSON.stringify({ query: '{ __typename }' })
  const post = (headers: Record<string, string>, sent = body) =>
    fetch(`http://127.0.0.1:${running.port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: sent,
    })
  const signature = signIdentity(aMember(), { method: 'POST', path: '/graphql', body }, secret)
  const foreign = signIdentity(aMember(), { method: 'POST', path: '/graphql', body }, 'x'.repeat(32))

  expect((await post({})).status).toBe(401)
  expect((await post({ [CALLER_HEADER]: foreign })).status).toBe(401)
  expect((await post({ [CALLER_HEADER]: signature }, JSON.stringify({ query: '{ other }' }))).status).toBe(
    401,
  )
  expect((await post({ [CALLER_HEADER]: signature })).status).toBe(200)
  expect((await fetch(`http://127.0.0.1:${running.port}/files/a`)).status).toBe(401)
})

test('health is open to the launcher', async () => {
  expect((await fetch(`http://127.0.0.1:${running.port}/health`)).status).toBe(200)
})

test('a role below the one needed is refused with what is missing', async () => {
  const query = 'query Q($p: ID!) { secretOf(projectId: $p) }'

  expect((await ask(query, { variables: { p: 'mine' } })).data).toEqual({ secretOf: 'studs' })
  const refused = await ask(query, { variables: { p: 'watched' } })
  expect(refused.errors?.[0]?.message).toBe(
    'this needs the role EDITOR in project watched; you are its VIEWER',
  )
  expect(refused.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  const anonymous = await ask(query, { variables: { p: 'mine' }, as: { kind: 'nobody' } })
  expect(anonymous.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
})

test('an API key may only what its scopes say', async () => {
  const paint = 'mutation { paint(input: { color: "red" }) }'

  expect((await ask(paint)).data).toEqual({ paint: 'red' })
  expect((await ask(paint, { as: aMember(['read']) })).errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  expect((await ask(paint, { as: aMember(['label']) })).errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  expect((await ask('mutation { labelBrick }', { as: aMember(['label']) })).data).toEqual({
    labelBrick: 'labelled',
  })
})

test('bad input names its field', async () => {
  const { errors } = await ask('mutation { paint(input: { color: "ultramarine" }) }')

  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ field: 'color' }] })
})

test('what we meant to say is said, what we did not is masked', async () => {
  const missing = await ask('{ brick(id: "b7") { id } }')
  const broken = await ask('{ brick(id: "broken") { id } }')
  const brokenCheck = await ask('mutation { paint(input: { color: "plaid" }) }')

  expect(missing.errors?.[0]).toMatchObject({
    message: 'there is no brick b7',
    extensions: { code: 'NOT_FOUND' },
  })
  for (const answer of [broken, brokenCheck]) {
    expect(answer.errors?.[0]).toMatchObject({
      message: expect.stringContaining('log has it under'),
      extensions: { code: 'INTERNAL' },
    })
    expect(JSON.stringify(answer)).not.toContain('hunter2')
  }
})

test('entities asked together are loaded in one batch', async () => {
  batches.length = 0
  const query = 'query E($r: [_Any!]!) { _entities(representations: $r) { ... on Brick { id } } }'
  const representations = ['a', 'b', 'a'].map((id) => ({ __typename: 'Brick', id }))

  const { data } = await ask(query, { variables: { r: representations } })

  expect(data).toEqual({ _entities: [{ id: 'a' }, { id: 'b' }, { id: 'a' }] })
  expect(batches).toEqual([['a', 'b']])
})
