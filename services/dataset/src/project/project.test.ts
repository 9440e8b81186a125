import { randomUUID } from 'node:crypto'
import type { UserCaller } from '@ymir/graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anArchiveOf } from '../testing/archive.ts'
import { aUser, startTestService, type TestService } from '../testing/service.ts'

let service: TestService

beforeAll(async () => {
  service = await startTestService()
})
afterAll(() => service.stop())

const createLabels = (labels: object[], caller: UserCaller = aUser()) =>
  service.ask(
    `mutation ($labels: [LabelInput!]!) { createLabels(input: { labels: $labels }) { labels { name aliases color } } }`,
    { labels },
    caller,
  )

test('whoever makes a project owns it, and its classes are labels', async () => {
  const { projectId, owner } = await service.aProject(['Brick', 'plate'])
  expect(service.grants).toContainEqual({ projectId, userId: owner.userId })
  const { data } = await service.ask(
    `query ($id: ID!) { project(id: $id) { name classes myRole createdBy { id } } labels(search: "bric") { totalCount } }`,
    { id: projectId },
    owner,
  )
  expect(data).toEqual({
    project: {
      name: 'a project',
      classes: ['Brick', 'plate'],
      myRole: 'OWNER',
      createdBy: { id: owner.userId },
    },
    labels: { totalCount: 1 },
  })
})

test('classes take the name that their label has already', async () => {
  await createLabels([{ name: 'Automobile', aliases: ['car'] }])
  const { projectId, owner } = await service.aProject(['CAR'])
  const { data } = await service.ask(
    `query ($id: ID!) { project(id: $id) { classes } }`,
    { id: projectId },
    owner,
  )
  expect(data.project.classes).toEqual(['Automobile'])
})

test.each([
  ['a taken name', [{ name: 'TAKEN' }], 'CONFLICT'],
  ['a taken alias', [{ name: 'new', aliases: ['nickname'] }], 'CONFLICT'],
  ['a name twice', [{ name: 'twin' }, { name: 'Twin' }], 'CONFLICT'],
  ['an empty name', [{ name: ' ' }], 'BAD_USER_INPUT'],
  ['a tab in a name', [{ name: 'a\u0007b' }], 'BAD_USER_INPUT'],
  ['no colour', [{ name: 'colourful', color: 'red; x' }], 'BAD_USER_INPUT'],
])('labels with %s are refused, all of them', async (_, labels, code) => {
  await createLabels([{ name: 'taken', aliases: ['nickname'] }])
  const innocent = `innocent ${randomUUID()}`
  const { errors } = await createLabels([{ name: innocent }, ...labels])
  expect(errors?.[0]?.extensions.code).toBe(code)
  const { data } = await service.ask(
    `query ($name: String) { labels(search: $name) { totalCount } }`,
    { name: innocent },
    aUser(),
  )
  expect(data.labels.totalCount).toBe(0)
})

describe('a stranger', () => {
  const operations = [
    ['query', 'project(id: $project) { id }'],
    ['query', 'dataset(id: $dataset) { id }'],
    ['query', 'datasetVersion(id: $version) { id }'],
    ['query', 'import(id: $import) { id }'],
    ['query', 'datasetDiff(from: $version, to: $version) { added }'],
    ['query', 'compareStatistics(from: $version, to: $version) { labels { label } }'],
    ['mutation', 'updateProject(input: { id: $project, name: "mine" }) { project { id } }'],
    ['mutation', 'mergeVersions(input: { versionIds: [$version], name: "a" }) { version { id } }'],
    [
      'mutation',
      'excludeVersions(input: { versionId: $version, excludeVersionIds: [$version], name: "a" }) { version { id } }',
    ],
    ['mutation', 'filterVersion(input: { versionId: $version, name: "a" }) { version { id } }'],
    ['mutation', 'sampleVersion(input: { versionId: $version, count: 1, name: "a" }) { version { id } }'],
    [
      'mutation',
      'splitVersion(input: { versionId: $version, fraction: 0.5, names: ["a", "b"] }) { first { id } }',
    ],
    [
      'mutation',
      `takeAssets(input: { versionId: $version, assetIds: ["${'ab'.repeat(32)}"], name: "a" }) { version { id } }`,
    ],
    ['mutation', 'exportVersion(input: { versionId: $version }) { url }'],
    ['mutation', 'importDataset(input: { projectId: $project, name: "a", uploadId: "b" }) { import { id } }'],
    ['mutation', 'cancelImport(input: { id: $import }) { import { id } }'],
  ] as const
  let ids: Record<string, string>

  beforeAll(async () => {
    const { projectId, owner } = await service.aProject()
    const { id, version, dataset } = await service.importArchive(await anArchiveOf(1), { projectId }, owner)
    ids = { project: projectId, dataset: dataset.id, version: version.id, import: id }
  })

  const ask = (kind: string, field: string, caller: UserCaller) => {
    const used = Object.keys(ids).filter((name) => field.includes(`$${name}`))
    const variables = used.map((name) => `$${name}: ID!`).join(', ')
    return service.ask(`${kind} (${variables}) { ${field} }`, ids, caller)
  }

  test.each(operations)('cannot use %s %s', async (kind, field) => {
    expect((await ask(kind, field, aUser())).errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  })

  test.each(
    operations
      .filter(([kind]) => kind === 'mutation')
      .filter(([, field]) => !field.startsWith('exportVersion')),
  )('who may only look on cannot use %s %s either', async (kind, field) => {
    const { errors } = await ask(kind, field, aUser({ [ids.project!]: 'VIEWER' }))
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  })

  test('learns nothing through a reference of another service', async () => {
    const { data, errors } = await service.ask(
      `query ($of: [_Any!]!) { _entities(representations: $of) { ... on DatasetVersion { assetCount } } }`,
      { of: [{ __typename: 'DatasetVersion', id: ids.version }] },
      aUser(),
    )
    expect([data?._entities?.[0] ?? null, errors?.[0]?.extensions.code]).toEqual([null, 'FORBIDDEN'])
  })

  test('sees no project of others in the list', async () => {
    const { data } = await service.ask(`{ projects { edges { node { id } } } }`, {}, aUser())
    expect(data.projects.edges).toEqual([])
  })
})

test('assets are listed page by page, each once, also by label', async () => {
  const { projectId, owner } = await service.aProject()
  const { version } = await service.importArchive(await anArchiveOf(7, { tone: 33 }), { projectId }, owner)
  const query = `query ($id: ID!, $after: String, $labels: [String!]!) { datasetVersion(id: $id) {
    assets(first: 3, after: $after, labels: $labels) {
      totalCount pageInfo { hasNextPage endCursor } edges { node { id width height format annotations { label box { x y width height } } } } } } }`
  const seen: string[] = []
  let after: string | null = null
  do {
    const { data } = await service.ask(query, { id: version.id, after, labels: ['cell'] }, owner)
    const { edges, pageInfo, totalCount } = data.datasetVersion.assets
    expect(totalCount).toBe(7)
    expect(edges[0].node).toMatchObject({
      width: 64,
      height: 48,
      format: 'jpg',
      annotations: [{ label: 'cell' }],
    })
    seen.push(...edges.map(({ node }: { node: { id: string } }) => node.id))
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null
  } while (after)
  expect(new Set(seen).size).toBe(7)
  expect(seen).toHaveLength(7)
  const bad = await service.ask(query, { id: version.id, after: 'nonsense', labels: [] }, owner)
  expect(bad.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'after' })
})
