import type { UserCaller } from '@ymir/graphql'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readPages } from '../page/page.store.ts'
import { EntriesInMemory } from '../testing/entries.ts'
import { aUser, startTestService, type TestService } from '../testing/service.ts'
import { aStoredVersion, idOf } from '../testing/stored.ts'
import { filterAssets } from '../version/filter.ts'
import { StoredEntries } from '../version/stored-entries.ts'
import type { PredictionFilter, Scored } from './prediction-filter.ts'
import { PredictionSet } from './prediction-set.entity.ts'
import { storePredictionSet, writePredictions } from './prediction.store.ts'

let service: TestService
let owner: UserCaller
let projectId: string
let named = 0

beforeAll(async () => {
  service = await startTestService()
  ;({ owner, projectId } = await service.aProject(['cell', 'newt']))
})
afterAll(() => service.stop())

const box = { x: 1, y: 2, width: 3, height: 4 }

/** A prediction set of a version: for each asset what the model found. */
async function aSet(versionId: string, found: Readonly<Record<string, readonly Scored[]>>): Promise<string> {
  const written = await writePredictions(
    service.blobs,
    (async function* () {
      for (const [name, scored] of Object.entries(found))
        yield await Promise.resolve({
          assetId: idOf(name),
          predictions: scored.map((one) => ({ ...one, box })),
        })
    })(),
  )
  const sourceId = `stage ${++named}`
  await storePredictionSet(service.database.manager, written, { versionId, sourceKind: 'MODEL', sourceId })
  return (await service.database.manager.findOneByOrFail(PredictionSet, { sourceId })).id
}

async function aVersion(names: readonly string[], label?: string): Promise<string> {
  const assets = names.map((name) => ({ name, boxes: label ? ([[label, 9]] as const) : [] }))
  return (await aStoredVersion(service, { projectId, name: `set ${++named}` }, assets)).id
}

const browseQuery = `query ($id: ID!, $filter: AssetFilter) { datasetVersion(id: $id) {
  assets(filter: $filter) { totalCount edges { node { id } } } randomAssets(count: 9, filter: $filter) { id } } }`

async function browse(id: string, predictions: object, caller = owner) {
  const { data, errors } = await service.ask(browseQuery, { id, filter: { predictions } }, caller)
  const code = errors?.[0]?.extensions.code
  if (code) return code
  const { assets, randomAssets } = data.datasetVersion
  const ids: string[] = assets.edges.map(({ node }: { node: { id: string } }) => node.id)
  expect(assets.totalCount).toBe(ids.length)
  expect(randomAssets.map(({ id: one }: { id: string }) => one).sort()).toEqual([...ids].sort())
  return ids
}

const found = {
  sure: [{ label: 'cell', score: 0.9 }],
  unsure: [
    { label: 'cell', score: 0.1 },
    { label: 'newt', score: 0.5 },
    { label: 'cell', score: 0.3 },
  ],
  strange: [{ label: 'unheard of', score: 0.6 }],
}
const names = ['sure', 'unsure', 'strange', 'empty']
const idsOf = (...some: string[]) => some.map(idOf)

test.each<[string, Omit<PredictionFilter, 'setId'>, string[]]>([
  ['any prediction', {}, ['sure', 'unsure', 'strange']],
  ['scores from the lowest to the highest, both included', { minScore: 0.1, maxScore: 0.3 }, ['unsure']],
  ['a score just above', { minScore: 0.31, maxScore: 0.49 }, []],
  ['a label by another spelling', { labels: ['CELL'], minScore: 0.3 }, ['sure', 'unsure']],
  ['a label that only the model knows', { labels: ['unheard of'] }, ['strange']],
  ['several of a label', { labels: ['cell'], atLeast: 2 }, ['unsure']],
  ['several in the range', { labels: ['cell', 'newt'], maxScore: 0.4, atLeast: 3 }, []],
])('images are browsed by %s', async (_, condition, wanted) => {
  const version = await aVersion(names)
  const setId = await aSet(version, found)
  expect(await browse(version, { setId, ...condition })).toEqual(idsOf(...wanted))
  const labelled = await aVersion(names, 'cell') // the same images with other ground truth
  expect(await browse(labelled, { setId, ...condition })).toEqual(idsOf(...wanted))
})

test('an image that gets another ground truth later is found too', async () => {
  const version = await aVersion(['late 1', 'late 2'])
  const setId = await aSet(version, { 'late 2': [{ label: 'cell', score: 0.5 }] })
  expect(await browse(version, { setId })).toEqual(idsOf('late 2'))
  expect(await browse(await aVersion(['late 2'], 'newt'), { setId })).toEqual(idsOf('late 2'))
})

test('what is wrong, absent or of others is refused', async () => {
  const version = await aVersion(names)
  const setId = await aSet(version, found)
  expect(await browse(version, { setId, minScore: 0.6, maxScore: 0.5 })).toBe('BAD_USER_INPUT')
  expect(await browse(version, { setId, minScore: 2 })).toBe('BAD_USER_INPUT')
  expect(await browse(version, { setId: 'none' })).toBe('BAD_USER_INPUT')
  expect(await browse(version, { setId: version })).toBe('NOT_FOUND')
  const stranger = await service.aProject()
  const theirs = await aStoredVersion(service, { projectId: stranger.projectId, name: 'theirs' }, [
    { name: 'sure' },
  ])
  expect(await browse(theirs.id, { setId }, stranger.owner)).toBe('FORBIDDEN')
  expect(await browse(version, { setId }, aUser())).toBe('FORBIDDEN')
})

async function mutate(name: string, input: object, selection: string) {
  const query = `mutation ($input: ${name[0]!.toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { ${selection} } }`
  const { data, errors } = await service.ask(query, { input }, owner)
  return { payload: data?.[name], error: errors?.[0] }
}

test('a version is filtered by scores as its preview says, and again as long as the set is there', async () => {
  const versionId = await aVersion(names)
  const setId = await aSet(versionId, found)
  const filter = { predictions: { setId, labels: ['cell'], minScore: 0.3 } }
  const preview = await service.ask(
    `query ($filter: FilterVersionInput!) { versionPreview(input: { filter: $filter }) { assetCount } }`,
    { filter: { versionId, filter } },
    owner,
  )
  expect(preview.data.versionPreview).toEqual([{ assetCount: 2 }])
  const { payload } = await mutate(
    'filterVersion',
    { versionId, filter, name: `set ${++named}` },
    'version { id assetCount parameters }',
  )
  expect(payload.version).toMatchObject({ assetCount: 2, parameters: { filter } })
  const again = () => mutate('repeatVersion', { versionId: payload.version.id }, 'isEqual')
  expect((await again()).payload).toEqual({ isEqual: true })
  await service.database.manager.delete(PredictionSet, { id: setId })
  const { error } = await again()
  expect(error?.extensions.code).toBe('NOT_REPEATABLE')
  expect(error?.message).toContain(`it was filtered by the predictions of set ${setId}, and`)
})

test('a set that was stored before scores were kept is filtered as well', async () => {
  const version = await aVersion(names)
  const setId = await aSet(version, found)
  await service.database.query('update prediction_lines set labels = null, scores = null where set_id = $1', [
    setId,
  ])
  expect(await browse(version, { setId, labels: ['newt'] })).toEqual(idsOf('unsure'))
})

test('the database lets through what comparing one by one does', async () => {
  const asset = fc.array(
    fc.record({
      label: fc.constantFrom('cell', 'newt', 'a "b", {c}\\'),
      score: fc.constantFrom(0, 0.1, 0.25, 0.7, 1, 1e-7),
    }),
    { maxLength: 4 },
  )
  const scores = fc.constantFrom(undefined, 0, 0.1, 0.25, 0.7, 1)
  const filters = fc.record({
    labels: fc.subarray(['cell', 'newt', 'a "b", {c}\\']),
    minScore: scores,
    maxScore: scores,
    atLeast: fc.constantFrom(undefined, 1, 2, 3),
  })
  const all = Array.from({ length: 12 }, (_, index) => `some ${index}`)
  const version = await aVersion(all)
  const { serials } = await readPages(service.database.manager, version)
  const memory = new EntriesInMemory()
  const inMemory = memory.aVersion(Object.fromEntries(all.map((name) => [idOf(name), []])))
  await fc.assert(
    fc.asyncProperty(
      fc.array(asset, { minLength: 12, maxLength: 12 }),
      filters,
      async (sets, { labels, ...range }) => {
        const predictions = Object.fromEntries(all.map((name, index) => [name, sets[index]!]))
        const setId = await aSet(version, predictions)
        memory.predictionSets.set(
          setId,
          Object.fromEntries(all.map((name, index) => [idOf(name), sets[index]!])),
        )
        const given = Object.entries(range).filter(([, value]) => value !== undefined)
        const filter = { predictions: { setId, labels, ...Object.fromEntries(given) } }
        const kept = await filterAssets(serials, filter, new StoredEntries(service.database.manager))
        const wanted = await filterAssets(inMemory, filter, memory)
        expect([...kept].map((serial) => serial - [...serials][0]!)).toEqual([...wanted])
      },
    ),
    { numRuns: 25 },
  )
})
