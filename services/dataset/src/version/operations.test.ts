import { randomUUID } from 'node:crypto'
import type { UserCaller } from '@ymir/graphql'
import type { DatasetVersionRequestedSchema, MessageInitShape } from '@ymir/proto-events'
import { waitUntil } from '@ymir/service'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anArchive, anArchiveOf, anImage, aVocFile } from '../testing/archive.ts'
import { aUser, startTestService, type TestService } from '../testing/service.ts'

let service: TestService
let projectId: string
let owner: UserCaller

beforeAll(async () => {
  service = await startTestService()
  ;({ projectId, owner } = await service.aProject(['cell', 'other']))
})
afterAll(() => service.stop())

const shape = `version { id number root assetCount annotationCount negativeCount operation parameters seed
  labels { label annotationCount assetCount } parents { id } }`

async function operate(mutation: string, input: Record<string, unknown>) {
  const type = mutation[0]!.toUpperCase() + mutation.slice(1)
  const { data, errors } = await service.ask(
    `mutation ($input: ${type}Input!) { ${mutation}(input: $input) { ${shape} } }`,
    { input: { name: `set ${randomUUID()}`, ...input } },
    owner,
  )
  return { version: data?.[mutation].version, error: errors?.[0] }
}

async function anImport(count: number, options: { tone?: number; label?: string } = {}) {
  return (await service.importArchive(await anArchiveOf(count, options), { projectId }, owner)).version
}

describe('merge', () => {
  test('gives every asset once, and its counts are what they would be if imported at once', async () => {
    const [few, more] = [await anImport(2), await anImport(5)]
    const { version } = await operate('mergeVersions', { versionIds: [few.id, more.id] })
    expect(version).toMatchObject({ root: more.root, assetCount: 5, annotationCount: 5, number: 1 })
    expect(version.parents).toEqual([{ id: few.id }, { id: more.id }])
    expect(version.labels).toEqual([{ label: 'cell', annotationCount: 5, assetCount: 5 }])
  })

  test('stops at different annotations and names the assets, or settles them as asked', async () => {
    const first = await anImport(3)
    const second = await anImport(3, { label: 'other' })
    const versionIds = [first.id, second.id]
    const { error } = await operate('mergeVersions', { versionIds })
    expect(error?.extensions).toMatchObject({ code: 'MERGE_CONFLICT', conflictCount: 3 })
    expect(error?.extensions.assetIds).toHaveLength(3)
    const keepFirst = await operate('mergeVersions', { versionIds, conflicts: 'FIRST_WINS' })
    expect(keepFirst.version.root).toBe(first.root)
    const keepLast = await operate('mergeVersions', { versionIds, conflicts: 'LAST_WINS' })
    expect(keepLast.version.root).toBe(second.root)
    const both = await operate('mergeVersions', { versionIds, conflicts: 'UNION' })
    expect(both.version).toMatchObject({ assetCount: 3, annotationCount: 6 })
  })
})

test('excluding leaves assets out whatever annotations they have in the other version', async () => {
  const pool = await anImport(5)
  const labelled = await anImport(2, { label: 'other' })
  const { version } = await operate('excludeVersions', {
    versionId: pool.id,
    excludeVersionIds: [labelled.id],
  })
  expect(version).toMatchObject({ assetCount: 3, annotationCount: 3, operation: 'EXCLUDE' })
  expect(version.parents).toEqual([{ id: pool.id }, { id: labelled.id }])
})

test('filtering keeps assets by label, through aliases and in any case', async () => {
  const { version: mixed } = await service.importArchive(
    anArchive({
      'images/a.png': await anImage({ format: 'png', tone: 1 }),
      'annotations/a.xml': aVocFile([
        { name: 'cell', corners: [1, 1, 9, 9] },
        { name: 'other', corners: [1, 1, 9, 9] },
      ]),
      'images/b.png': await anImage({ format: 'png', tone: 2 }),
      'annotations/b.xml': aVocFile([{ name: 'OTHER', corners: [1, 1, 9, 9] }]),
      'images/c.png': await anImage({ format: 'png', tone: 3 }),
    }),
    { projectId },
    owner,
  )
  const some = await operate('filterVersion', { versionId: mixed.id, labels: ['Cell', 'other'] })
  expect(some.version).toMatchObject({ assetCount: 2, annotationCount: 3, negativeCount: 0 })
  expect(some.version.parameters).toEqual({ labels: ['cell', 'other'], withoutLabels: [] })
  const without = await operate('filterVersion', { versionId: mixed.id, withoutLabels: ['cell'] })
  expect(without.version).toMatchObject({ assetCount: 2, annotationCount: 1, negativeCount: 1 })
  const unknown = await operate('filterVersion', { versionId: mixed.id, labels: ['nobody'] })
  expect(unknown.error?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'labels' })
})

test('sampling twice with one seed gives one root; another seed gives another', async () => {
  const { id: versionId } = await anImport(12)
  const [one, same, other] = await Promise.all(
    [7, 7, 8].map((seed) => operate('sampleVersion', { versionId, count: 5, seed })),
  )
  expect(one!.version).toMatchObject({ assetCount: 5, seed: 7, parameters: { count: 5 } })
  expect(same!.version.root).toBe(one!.version.root)
  expect(other!.version.root).not.toBe(one!.version.root)
})

test('a split gives two datasets that share nothing and together are the whole', async () => {
  const whole = await anImport(10)
  const { data } = await service.ask(
    `mutation ($input: SplitVersionInput!) { splitVersion(input: $input) {
       first { id assetCount dataset { name } } second { id assetCount } } }`,
    { input: { versionId: whole.id, fraction: 0.3, names: ['start', 'pool'] } },
    owner,
  )
  const { first, second } = data.splitVersion
  expect(first).toMatchObject({ assetCount: 3, dataset: { name: 'start' } })
  expect(second.assetCount).toBe(7)
  const { version } = await operate('mergeVersions', { versionIds: [first.id, second.id] })
  expect(version.root).toBe(whole.root)
})

test('a name in use is refused with the way out; datasetId adds a version', async () => {
  const { id } = await anImport(2)
  const taken = await operate('mergeVersions', { versionIds: [id], name: 'Taken' })
  const again = await operate('mergeVersions', { versionIds: [id], name: 'taken' })
  expect(again.error).toMatchObject({ extensions: { code: 'CONFLICT', field: 'name' } })
  const datasetId = again.error?.extensions.datasetId
  const second = await operate('mergeVersions', { versionIds: [id], name: undefined, datasetId })
  expect(second.version).toMatchObject({ number: 2, root: taken.version.root })
})

test('taking assets that the version lacks names them', async () => {
  const { id: versionId } = await anImport(2)
  const { data } = await service.ask(
    `query ($id: ID!) { datasetVersion(id: $id) { assets(first: 1) { edges { node { id } } } } }`,
    { id: versionId },
    owner,
  )
  const known: string = data.datasetVersion.assets.edges[0].node.id
  const taken = await operate('takeAssets', { versionId, assetIds: [known] })
  expect(taken.version).toMatchObject({ assetCount: 1, operation: 'TAKE' })
  const missing = 'ab'.repeat(32)
  const { error } = await operate('takeAssets', { versionId, assetIds: [known, missing] })
  expect(error?.extensions).toMatchObject({ code: 'ASSETS_MISSING', missingCount: 1, assetIds: [missing] })
})

test('a diff counts assets added, removed and changed', async () => {
  const before = await anImport(4)
  const changed = await anImport(2, { label: 'other' })
  const after = await operate('mergeVersions', {
    versionIds: [changed.id, (await anImport(1, { tone: 900 })).id],
  })
  const { data } = await service.ask(
    `query ($from: ID!, $to: ID!) { datasetDiff(from: $from, to: $to) { added removed changed } }`,
    { from: before.id, to: after.version.id },
    owner,
  )
  expect(data.datasetDiff).toEqual({ added: 1, removed: 2, changed: 2 })
})

describe('versions that other services ask for', () => {
  type Wanted = Omit<
    MessageInitShape<typeof DatasetVersionRequestedSchema>,
    'projectId' | 'actorId' | '$typeName'
  >

  async function request(wanted: Wanted) {
    await service.request({ projectId, actorId: owner.userId, ...wanted })
  }

  const outboxOf = (versionId: string): Promise<{ type: string; data: Record<string, unknown> }[]> =>
    service.database.query(`select type, data from outbox where entity_id = $1 order by position`, [
      versionId,
    ])

  test('are made under their id, once, however often they are asked for', async () => {
    const [one, other] = [await anImport(2), await anImport(2, { tone: 500 })]
    const versionId = randomUUID()
    const wanted: Wanted = {
      versionId,
      datasetName: 'training',
      operation: { case: 'merge', value: { versionIds: [one.id, other.id], conflicts: 'FIRST_WINS' } },
    }
    await request(wanted)
    await request(wanted)
    await waitUntil('the version', async () => (await outboxOf(versionId)).length > 0)
    await request({ ...wanted, versionId: randomUUID() }) // handled after the two before
    const last = await waitUntil('two versions of the dataset', async () => {
      const rows: unknown[] = await service.database.query(
        `select from dataset_versions join datasets on datasets.id = dataset_id where name = 'training'`,
      )
      return rows.length >= 2 && rows
    })
    expect(last).toHaveLength(2)
    expect(await outboxOf(versionId)).toMatchObject([
      { data: { versionId, datasetName: 'training', operation: 'MERGE', assetCount: '4' } },
    ])
  })

  test('hold the new ground truth of a labelling task, and only what was labelled', async () => {
    const pool = await anImport(3, { label: 'other' })
    const { data } = await service.ask(
      `query ($id: ID!) { datasetVersion(id: $id) { assets { edges { node { id } } } } }`,
      { id: pool.id },
      owner,
    )
    const [first, second] = data.datasetVersion.assets.edges.map(
      ({ node }: { node: { id: string } }) => node.id,
    )
    const box = { x: 1, y: 2, width: 3, height: 4 }
    const lines = [
      { assetId: first, annotations: [{ label: 'cell', box }] },
      { assetId: second, annotations: [] },
    ]
    const blob = await service.blobs.put(
      Buffer.from(lines.map((line) => JSON.stringify(line) + '\n').join('')),
    )
    const versionId = randomUUID()
    await request({
      versionId,
      datasetName: 'labelled',
      operation: {
        case: 'labelled',
        value: {
          versionId: pool.id,
          annotations: { sha256: blob.sha256, size: BigInt(blob.size) },
          labellingTaskId: randomUUID(),
        },
      },
    })
    const [created] = await waitUntil('the version', async () => {
      const rows = await outboxOf(versionId)
      return rows.length > 0 && rows
    })
    expect(created?.data).toMatchObject({ operation: 'LABELLED', assetCount: '2', annotationCount: '1' })
  })

  test('hold boxes turned as a labelling task gives them, also when nothing but the turn is another', async () => {
    const pool = await anImport(1)
    const { data } = await service.ask(
      `query ($id: ID!) { datasetVersion(id: $id) { assets { edges { node { id } } } } }`,
      { id: pool.id },
      owner,
    )
    const assetId = data.datasetVersion.assets.edges[0].node.id
    const box = { x: 1, y: 2, width: 3, height: 4 }
    const turnsAfter = async (from: string, rotation: number | undefined) => {
      const line = { assetId, annotations: [{ label: 'cell', box, rotation }] }
      const { sha256, size } = await service.blobs.put(Buffer.from(`${JSON.stringify(line)}\n`))
      const versionId = randomUUID()
      const annotations = { sha256, size: BigInt(size) }
      const value = { versionId: from, annotations, labellingTaskId: randomUUID() }
      await request({ versionId, datasetName: 'turned', operation: { case: 'labelled', value } })
      await waitUntil('the version', async () => (await outboxOf(versionId)).length > 0)
      const seen = await service.ask(
        `query ($id: ID!) { datasetVersion(id: $id) { assets { edges { node { annotations { rotation } } } } } }`,
        { id: versionId },
        owner,
      )
      const [{ node }] = seen.data.datasetVersion.assets.edges
      return [versionId, node.annotations.map((one: { rotation: number | null }) => one.rotation)] as const
    }

    const [turned, turns] = await turnsAfter(pool.id, 0.5)
    expect(turns).toEqual([0.5])
    expect((await turnsAfter(turned, 0.5 + 2 * Math.PI))[1]).toEqual([0.5]) // left as it was
    expect((await turnsAfter(turned, 0.6))[1]).toEqual([0.6])
    expect((await turnsAfter(turned, undefined))[1]).toEqual([null])
  })

  test('that cannot be made fail with a code and the reason', async () => {
    const versionId = randomUUID()
    const missing = randomUUID()
    await request({
      versionId,
      datasetName: 'nothing',
      operation: { case: 'exclude', value: { versionId: missing, excludeVersionIds: [] } },
    })
    const [failed] = await waitUntil('the failure', async () => {
      const rows = await outboxOf(versionId)
      return rows.length > 0 && rows
    })
    expect(failed?.data).toMatchObject({
      code: 'NOT_FOUND',
      problem: `there is no dataset version ${missing}`,
    })
  })
})

test('what somebody made is counted by day, for themselves and administrators', async () => {
  const { projectId: own, owner: maker } = await service.aProject()
  const { version } = await service.importArchive(await anArchiveOf(2), { projectId: own }, maker)
  await service.ask(
    `mutation ($id: ID!) { sampleVersion(input: { versionId: $id, count: 1, name: "one" }) { version { id } } }`,
    { id: version.id },
    maker,
  )
  await service.database.query(
    `update dataset_versions set created_at = '2026-01-02T23:59:59Z' where id = $1`,
    [version.id],
  )
  const byDay = async (caller: UserCaller, days: number) => {
    const { data, errors } = await service.ask(
      `query ($of: [_Any!]!, $days: Int!) { _entities(representations: $of) { ... on User { versionsByDay(days: $days) { date count } } } }`,
      { of: [{ __typename: 'User', id: maker.userId }], days },
      caller,
    )
    return errors?.[0]?.extensions.code ?? data._entities[0].versionsByDay
  }
  const today = { date: new Date().toISOString().slice(0, 10), count: 1 }
  const days = Math.ceil((Date.now() - Date.parse('2026-01-02')) / 86_400_000)
  expect(await byDay(maker, days)).toEqual([{ date: '2026-01-02', count: 1 }, today])
  expect(await byDay(maker, days - 1)).toEqual([today])
  expect(await byDay({ ...aUser(), role: 'ADMINISTRATOR' }, 1)).toEqual([today])
  expect(await byDay(aUser(), 1)).toBe('FORBIDDEN')
  expect(await byDay(maker, 0)).toBe('BAD_USER_INPUT')
})
