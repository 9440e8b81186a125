import { randomUUID } from 'node:crypto'
import type { UserCaller } from '@ymir/graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { anArchive, anImage, aVocFile } from '../testing/archive.ts'
import { startTestService, type TestService } from '../testing/service.ts'

let service: TestService
let projectId: string
let owner: UserCaller
/** 12 assets with the labels a, b and c in different numbers, and 4 of them with other boxes. */
let whole: string
let other: string

beforeAll(async () => {
  service = await startTestService()
  ;({ projectId, owner } = await service.aProject(['a', 'b', 'c', 'd']))
  whole = await anImport(12, (index) => ['a', ...(index % 2 ? ['b'] : []), ...(index % 5 ? [] : ['c'])])
  other = await anImport(4, () => ['b'])
})
afterAll(() => service.stop())

async function anImport(count: number, labelsOf: (index: number) => string[]): Promise<string> {
  const files: Record<string, Uint8Array | string> = {}
  for (let index = 0; index < count; index++) {
    files[`images/${index}.png`] = await anImage({ format: 'png', tone: index * 9 })
    files[`annotations/${index}.xml`] = aVocFile(
      labelsOf(index).map((name, place) => ({ name, corners: [1 + place * 15, 1, 12 + place * 15, 12] })),
    )
  }
  return (await service.importArchive(anArchive(files), { projectId }, owner)).version.id
}

const fields =
  '{ id number root assetCount operation parameters seed labels { label assetCount } dataset { name } }'

async function mutate(name: string, input: Record<string, unknown>, selection = `version ${fields}`) {
  const type = name[0]!.toUpperCase() + name.slice(1)
  const { data, errors } = await service.ask(
    `mutation ($input: ${type}Input!) { ${name}(input: $input) { ${selection} } }`,
    { input },
    owner,
  )
  return { payload: data?.[name], error: errors?.[0] }
}

const aName = () => `set ${randomUUID()}`

async function made(name: string, input: Record<string, unknown>): Promise<string> {
  const { payload, error } = await mutate(name, { name: aName(), ...input })
  if (error) throw new Error(error.message)
  return payload.version.id
}

test.each([
  [
    'a merge, first wins',
    () => made('mergeVersions', { versionIds: [whole, other], conflicts: 'FIRST_WINS' }),
  ],
  ['a merge, last wins', () => made('mergeVersions', { versionIds: [whole, other], conflicts: 'LAST_WINS' })],
  ['a union', () => made('mergeVersions', { versionIds: [whole, other], conflicts: 'UNION' })],
  ['an exclusion', () => made('excludeVersions', { versionId: whole, excludeVersionIds: [other] })],
  ['a filter', () => made('filterVersion', { versionId: whole, labels: ['b'], withoutLabels: ['c'] })],
  ['a sample by count', () => made('sampleVersion', { versionId: whole, count: 5, seed: 3 })],
  ['a sample by fraction', () => made('sampleVersion', { versionId: whole, fraction: 0.4, seed: 3 })],
  ['a balanced sample', () => made('sampleVersion', { versionId: whole, perLabel: 2, seed: 3 })],
  [
    'a relabelling',
    () => made('relabelVersion', { versionId: whole, rename: [{ from: ['b'], to: 'd' }], drop: ['c'] }),
  ],
  ['a copy', () => made('copyVersion', { versionId: whole })],
])('%s made again is equal', async (_, make) => {
  const versionId = await make()
  const { payload, error } = await mutate('repeatVersion', { versionId }, `isEqual version ${fields}`)
  expect(error).toBeUndefined()
  expect(payload).toMatchObject({ isEqual: true, version: { number: 2 } })
})

test.each([true, false])('each part of a split (stratified: %s) made again is equal', async (stratified) => {
  const parts = [0.5, 0.25, 0.25].map((fraction) => ({ name: aName(), fraction }))
  const { payload } = await mutate(
    'splitVersionInto',
    { versionId: whole, parts, stratified, seed: 4 },
    `versions ${fields}`,
  )
  expect(payload.versions.map((version: { assetCount: number }) => version.assetCount)).toEqual([6, 3, 3])
  for (const { id } of payload.versions) {
    const { payload: again } = await mutate('repeatVersion', { versionId: id }, 'isEqual')
    expect(again).toEqual({ isEqual: true })
  }
})

test('taken assets are taken again, also when the list was too long to be recorded', async () => {
  const { data } = await service.ask(
    `query ($id: ID!) { datasetVersion(id: $id) { assets(first: 3) { edges { node { id } } } } }`,
    { id: whole },
    owner,
  )
  const assetIds = data.datasetVersion.assets.edges.map(({ node }: { node: { id: string } }) => node.id)
  const versionId = await made('takeAssets', { versionId: whole, assetIds })
  await service.database.query(`update dataset_versions set parameters = '{"assetCount": 3}' where id = $1`, [
    versionId,
  ])
  const { payload } = await mutate('repeatVersion', { versionId }, 'isEqual')
  expect(payload).toEqual({ isEqual: true })
})

test('an import says why it cannot be made again', async () => {
  const { error } = await mutate('repeatVersion', { versionId: whole }, 'isEqual')
  expect(error).toMatchObject({ extensions: { code: 'NOT_REPEATABLE', operation: 'IMPORT' } })
  expect(error?.message).toMatch(/import the same archive again/)
})

test('relabelling counts anew, and refuses unknown labels and two fates for one', async () => {
  const { payload } = await mutate('relabelVersion', {
    ...{ versionId: whole, name: aName() },
    ...{ rename: [{ from: ['a', 'B'], to: 'd' }], drop: ['c'] },
  })
  expect(payload.version).toMatchObject({ assetCount: 12, labels: [{ label: 'd', assetCount: 12 }] })
  for (const input of [
    { rename: [{ from: ['a'], to: 'nobody' }] },
    { rename: [{ from: ['a'], to: 'b' }], drop: ['a'] },
  ]) {
    const { error } = await mutate('relabelVersion', { versionId: whole, name: aName(), ...input })
    expect(error).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } })
  }
})

test('a copy into another project names the same pages, and needs a right there', async () => {
  const { projectId: foreign, owner: stranger } = await service.aProject(['a'])
  const input = { versionId: whole, projectId: foreign, name: 'borrowed' }
  const refused = await mutate('copyVersion', input)
  expect(refused.error).toMatchObject({ extensions: { code: 'FORBIDDEN', needed: 'EDITOR' } })
  owner = { ...owner, memberships: { ...owner.memberships, [foreign]: 'EDITOR' } }
  const { payload } = await mutate('copyVersion', input)
  expect(payload.version).toMatchObject({ assetCount: 12, operation: 'COPY', dataset: { name: 'borrowed' } })
  const { data } = await service.ask(
    `query ($id: ID!) { datasetVersion(id: $id) { assets { totalCount } parents { id } project { id } } }`,
    { id: payload.version.id },
    stranger,
  )
  expect(data.datasetVersion).toEqual({
    assets: { totalCount: 12 },
    parents: [],
    project: { id: foreign },
  })
})

test('fractions that do not add up to 1, and two amounts of a sample, are refused', async () => {
  const parts = [0.5, 0.2].map((fraction) => ({ name: aName(), fraction }))
  const split = await mutate('splitVersionInto', { versionId: whole, parts }, 'versions { id }')
  expect(split.error).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', field: 'parts' } })
  const sample = await mutate('sampleVersion', { versionId: whole, name: aName(), perLabel: 1, count: 2 })
  expect(sample.error).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', field: 'count' } })
})
