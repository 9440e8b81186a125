import { randomUUID } from 'node:crypto'
import { EvaluationStateChangedSchema } from '@ymir/proto-events'
import { waitUntil } from '@ymir/service'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { anArchiveOf } from '../testing/archive.ts'
import { aUser, startTestService, type TestService } from '../testing/service.ts'
import { storePredictionSet, writePredictions } from './prediction.store.ts'

let service: TestService

beforeAll(async () => {
  service = await startTestService()
})
afterAll(() => service.stop())

const query = `query ($id: ID!) { datasetVersion(id: $id) { predictionSets { id sourceKind sourceId assetCount predictionCount } } }`
const pageQuery = `query ($id: ID!, $setId: ID!) {
  datasetVersion(id: $id) { assets { edges { node { id annotations { label } predictions(setId: $setId) { label score box { x } } } } } }
}`

test('predictions of a version are listed beside its ground truth, for those who may see it', async () => {
  const { projectId, owner } = await service.aProject()
  const { version } = await service.importArchive(await anArchiveOf(2, { tone: 70 }), { projectId }, owner)
  const pages = (setId: string, caller = owner) => service.ask(pageQuery, { id: version.id, setId }, caller)
  const none = '00000000-0000-4000-8000-000000000000'
  expect((await pages(none)).errors?.[0]?.extensions.code).toBe('NOT_FOUND')
  const assets = await service.ask(
    `query ($id: ID!) { datasetVersion(id: $id) { assets { edges { node { id } } } } }`,
    { id: version.id },
    owner,
  )
  const second: string = assets.data.datasetVersion.assets.edges[1].node.id
  const predictions = [{ label: 'newt', score: 0.5, box: { x: 1, y: 2, width: 3, height: 4 } }]
  const found = (async function* () {
    yield await Promise.resolve({ assetId: 'f'.repeat(64), predictions })
    yield { assetId: second, predictions }
  })()
  const written = await writePredictions(service.blobs, found)
  await storePredictionSet(service.database.manager, written, {
    ...{ versionId: version.id, sourceKind: 'MODEL', sourceId: 'a stage' },
  })
  const { data } = await service.ask(query, { id: version.id }, owner)
  const [set] = data.datasetVersion.predictionSets
  expect(set).toMatchObject({ sourceKind: 'MODEL', sourceId: 'a stage', assetCount: 2, predictionCount: 2 })
  const nodes = (await pages(set.id)).data.datasetVersion.assets.edges.map(
    ({ node }: { node: object }) => node,
  )
  expect(nodes).toMatchObject([
    { annotations: [{ label: 'cell' }], predictions: [] },
    { annotations: [{ label: 'cell' }], predictions: [{ label: 'newt', score: 0.5, box: { x: 1 } }] },
  ])
  const stranger = await service.aProject()
  const own = await service.importArchive(
    await anArchiveOf(1, { tone: 80 }),
    { projectId: stranger.projectId },
    stranger.owner,
  )
  const spied = await service.ask(pageQuery, { id: own.version.id, setId: set.id }, stranger.owner)
  expect(spied.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  expect((await pages(set.id, aUser())).errors).toBeDefined()
})

test('what a stage finds is kept beside the ground truth, the newest only, and nothing of a deleted version', async () => {
  const { projectId, owner } = await service.aProject()
  const { version } = await service.importArchive(await anArchiveOf(2, { tone: 90 }), { projectId }, owner)
  const { data } = await service.ask(
    `query ($id: ID!) { datasetVersion(id: $id) { assets { edges { node { id } } } } }`,
    { id: version.id },
    owner,
  )
  const [first, second]: string[] = data.datasetVersion.assets.edges.map(
    ({ node }: { node: { id: string } }) => node.id,
  )
  const box = { x: 1, y: 2, width: 3, height: 4 }
  const stageId = randomUUID()
  const evaluated = async (lines: object[], versionId: string) => {
    const text = lines.map((line) => JSON.stringify(line) + '\n').join('')
    const { sha256 } = await service.blobs.put(Buffer.from(text))
    await service.say('model', EvaluationStateChangedSchema, {
      ...{ projectId, evaluationId: randomUUID(), stageId, versionId },
      ...{ state: 'SUCCEEDED', map50: 0.5, map: 0.4, predictionsSha256: sha256 },
    })
  }
  const setsOf = async (): Promise<{ id: string; predictionCount: number }[]> =>
    (await service.ask(query, { id: version.id }, owner)).data.datasetVersion.predictionSets
  const found = (score: number) => ({ label: 'cell', score, box })

  await evaluated([{ assetId: first, annotations: [found(0.25)] }], version.id)
  await waitUntil('the predictions', async () => (await setsOf()).length === 1)
  await evaluated([{ assetId: first, annotations: [found(0.25)] }], randomUUID())
  const both = [found(0.5), found(0.75)]
  await evaluated(
    [
      { assetId: first, annotations: [] },
      { assetId: second, annotations: both },
    ],
    version.id,
  )
  await waitUntil('the newer ones', async () => (await setsOf())[0]?.predictionCount === 2)
  const [set, ...others] = await setsOf()
  expect(others).toEqual([])
  expect(set).toMatchObject({ sourceKind: 'MODEL', sourceId: stageId, assetCount: 1 })
  const page = await service.ask(pageQuery, { id: version.id, setId: set!.id }, owner)
  expect(page.data.datasetVersion.assets.edges).toMatchObject([
    { node: { annotations: [{ label: 'cell' }], predictions: [] } },
    { node: { annotations: [{ label: 'cell' }], predictions: [{ score: 0.5 }, { score: 0.75 }] } },
  ])
})
