import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBlobs, writeJsonLines, type Blobs } from '@ymir/blobs'
import { busMigrations, openBus, type Bus } from '@ymir/bus'
import { openTestDatabase } from '@ymir/database'
import type { GraphClient } from '@ymir/graphql'
import { waitUntil } from '@ymir/service'
import type { DataSource } from 'typeorm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrations } from '../migrations.ts'
import { duplicateLimits } from '../strategy/duplicates.ts'
import { entities } from '../subgraph.ts'
import { MinedDuplicateRow } from './mined-duplicate.entity.ts'
import { MiningChunkRow } from './mining-chunk.entity.ts'
import { MinedAssetRow, MiningTaskRow } from './mining-task.entity.ts'
import { Selection } from './selection.ts'
import type { ToldAsset } from './told-asset.ts'

const closing: (() => Promise<unknown>)[] = []
let database: DataSource
let bus: Bus
let blobs: Blobs

beforeAll(async () => {
  const opened = await openTestDatabase('mining', { entities, migrations: [...busMigrations, ...migrations] })
  closing.push(opened.close)
  database = opened.database
  bus = await openBus({ service: 'mining', natsUrl: process.env.YMIR_TEST_NATS_URL ?? '', database })
  closing.push(() => bus.stop())
  const folder = await mkdtemp(join(tmpdir(), 'ymir-mining-'))
  closing.push(() => rm(folder, { recursive: true, force: true }))
  blobs = await openBlobs(folder)
})
afterAll(async () => {
  for (const close of closing.reverse()) await close()
})

const box = { x: 0, y: 0, width: 4, height: 4 }
/** Told of by the job: boxes by the probability of brick and plate. */
const anAsset = (
  assetId: string,
  boxes: readonly (readonly [number, number])[],
  embedding?: number[],
): ToldAsset => ({
  ...{ assetId, head: 'SOFTMAX', views: [] },
  boxes: boxes.map((probabilities) => ({ box, probabilities })),
  ...(embedding && { embedding }),
})

interface Answers {
  /** Assets of every excluded version. */
  readonly excluded?: readonly string[]
  readonly modelStage?: object | null
}

/** Chooses from what a job left, and gives what was mined and what was left out. */
async function choose(
  settings: Partial<MiningTaskRow>,
  told: readonly ToldAsset[],
  { excluded = [], modelStage = null }: Answers = {},
) {
  const store = async (lines: readonly object[]) => (await writeJsonLines(blobs, lines)).sha256
  const manifest = { sha256: await store(excluded.map((assetId) => ({ assetId }))) }
  const query = (_: string, { assetIds = [] }: { assetIds?: string[] }) =>
    Promise.resolve({ modelStage, datasetVersion: { manifest, perceptualHashes: assetIds.map(() => null) } })
  const ids = ['id', 'jobId', 'projectId', 'versionId', 'stageId', 'executorImageId', 'resultVersionId']
  const task = await database.manager.save(
    database.manager.create(MiningTaskRow, {
      ...Object.fromEntries(ids.map((name) => [name, randomUUID()])),
      ...{ strategy: 'ENTROPY', strategies: [], aggregate: 'MAX', topK: 2, annotate: true, seed: 0 },
      ...{ minShare: [], duplicateLimits, excludedVersionIds: [randomUUID()], excludeMined: true },
      ...{ resultDatasetName: 'mined', state: 'MINING', createdBy: 'u', chunkCount: 1, chunksDone: 1 },
      jobRequest: { stage: { classes: ['brick', 'plate'] } },
      ...settings,
    }),
  )
  await database.manager.insert(MiningChunkRow, {
    ...{ miningTaskId: task.id, number: 0, jobId: task.jobId },
    scoresSha256: await store(told.map(({ assetId }, index) => ({ assetId, score: -index }))),
    detailsSha256: await store(told),
    predictionsSha256: await store(
      told.map(({ assetId, boxes }) => ({
        assetId,
        annotations: boxes.map(({ probabilities: [brick = 0, plate = 0] }) => ({
          label: brick > plate ? 'brick' : 'plate',
        })),
      })),
    ),
  })
  const graph = { query } as unknown as GraphClient // the one method that is used
  const selection = new Selection({ database, bus, graph, blobs })
  selection.look()
  const { state, problem } = await waitUntil(
    'the choice',
    async () => {
      const row = await database.manager.findOneByOrFail(MiningTaskRow, { id: task.id })
      return row.state !== 'MINING' && row
    },
    { timeoutMs: 60_000 },
  )
  await selection.stop()
  const of = { where: { miningTaskId: task.id } }
  const mined = await database.manager.find(MinedAssetRow, { ...of, order: { rank: 'ASC' } })
  const leftOut = await database.manager.find(MinedDuplicateRow, { ...of, order: { number: 'ASC' } })
  return { state, problem, mined, leftOut }
}

test('an image’s own score comes with the box that is in doubt', async () => {
  const told = [anAsset('a', [[0.9, 0.1], [0.45, 0.55]]), anAsset('b', [[0.2, 0.8]]), anAsset('c', [])] // prettier-ignore
  const { mined } = await choose({ strategy: 'MARGIN', topK: 3 }, told, { excluded: ['b'] })
  expect(mined.map(({ assetId, reason }) => [assetId, reason])).toEqual([
    [
      'a',
      {
        ...{ strategy: 'MARGIN', scoreRank: 1, label: 'plate', probability: 0.55 },
        ...{ secondLabel: 'brick', secondProbability: 0.45 },
      },
    ],
    ['c', { strategy: 'MARGIN', scoreRank: 2 }],
  ])
})

test('what the model sees as the same is left out, of the batch and of what is excluded', async () => {
  const told = [
    anAsset('labelled', [], [0, 1]),
    anAsset('first', [], [1, 0]),
    anAsset('twin', [], [2, 0]),
    anAsset('known', [], [0, 3]),
    anAsset('other', [], [1, 1]),
  ]
  const { mined, leftOut } = await choose({}, told, { excluded: ['labelled'] })
  expect(mined.map(({ assetId }) => assetId)).toEqual(['first', 'other'])
  expect(leftOut.map(({ assetId, ofAssetId, likeness }) => `${assetId} ${ofAssetId} ${likeness}`)).toEqual([
    'twin first EMBEDDING',
    'known labelled EMBEDDING',
  ])
  const all = await choose({}, told, { excluded: ['labelled', 'first', 'twin', 'other'] })
  expect(all).toMatchObject({ state: 'FAILED', problem: expect.stringContaining('deduplicate: false') })
})

test('core-set keeps away from what is labelled, and says how far', async () => {
  const told = [0, 1, 9].map((x) => anAsset(`at ${x}`, [], [x, 1]))
  const { mined } = await choose({ strategy: 'CORE_SET', topK: 1 }, told, { excluded: ['at 9'] })
  expect(mined).toMatchObject([{ assetId: 'at 0', reason: { strategy: 'CORE_SET', nearestDistance: 9 } }])
})

test('boxes are counted, and a class gets its share', async () => {
  const [brick, plate] = [[0.9, 0.1], [0.1, 0.9]] as const // prettier-ignore
  const told = [anAsset('a', [brick, brick]), anAsset('b', [brick, brick]), anAsset('c', [plate])]
  const boxes = await choose({ topK: 9, budgetBoxes: 3 }, told)
  expect(boxes.mined.map(({ assetId }) => assetId)).toEqual(['a', 'c'])
  const shared = await choose({ topK: 2, minShare: [{ label: 'plate', share: 0.5 }] }, told)
  expect(shared.mined.map(({ assetId, reason }) => [assetId, reason?.forShareOf])).toEqual([
    ['a', undefined],
    ['c', 'plate'],
  ])
})

test('class balance goes by the boxes of the training set, and a hybrid names what decided', async () => {
  const told = [anAsset('common', [[0.9, 0.1]]), anAsset('rare', [[0.3, 0.7]])]
  const labels = [{ label: 'brick', annotationCount: 99 }]
  const modelStage = { model: { name: 'first', trainingVersion: { labels }, evaluations: [] } }
  const { mined } = await choose({ strategy: 'CLASS_BALANCE' }, told, { modelStage })
  expect(mined[0]).toMatchObject({
    assetId: 'rare',
    reason: { strategy: 'CLASS_BALANCE', label: 'plate', probability: 0.7, labelledBoxes: 0 },
  })
  const strategies = [
    { strategy: 'CLASS_BALANCE', weight: 2 },
    { strategy: 'ENTROPY', weight: 1 },
  ] as const
  const hybrid = await choose({ strategies }, told, { modelStage })
  expect(hybrid.mined[0]).toMatchObject({
    ...{ assetId: 'rare', score: 1, reason: { strategy: 'CLASS_BALANCE', labelledBoxes: 0 } },
  })
})

test('what a strategy must know of the model, and nobody knows, fails in words', async () => {
  const modelStage = { model: { name: 'first', trainingVersion: null, evaluations: [] } }
  const told = [anAsset('a', [[0.9, 0.1]], [1])]
  expect(await choose({ strategy: 'PPAL' }, told, { modelStage })).toMatchObject({
    ...{ state: 'FAILED', problem: expect.stringContaining('evaluate it on a test set') },
  })
  expect(await choose({ strategy: 'CLASS_BALANCE' }, told, { modelStage })).toMatchObject({
    problem: expect.stringContaining('the set that model first was trained on is gone'),
  })
  expect(await choose({ strategy: 'BADGE' }, [...told, anAsset('b', [])])).toMatchObject({
    problem: expect.stringContaining('of image b no embedding'),
  })
})
