import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBlobs, writeJsonLines } from '@ymir/blobs'
import { busMigrations, openBus } from '@ymir/bus'
import { openTestDatabase } from '@ymir/database'
import { CALLER_HEADER, serveSubgraph, signIdentity, type UserCaller } from '@ymir/graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrations } from '../migrations.ts'
import { entities, subgraph } from '../subgraph.ts'
import { MinedDuplicateRow } from './mined-duplicate.entity.ts'
import { MiningChunkRow } from './mining-chunk.entity.ts'
import { MinedAssetRow, MiningTaskRow } from './mining-task.entity.ts'

const secret = 's'.repeat(32)
const projectId = randomUUID()
const reason = { strategy: 'ENTROPY', scoreRank: 3, label: 'brick', probability: 0.75 } as const
const closing: (() => Promise<unknown>)[] = []
let ask: (caller: UserCaller, query: string, variables: object) => Promise<unknown>
let task: MiningTaskRow

beforeAll(async () => {
  const { database, url, close } = await openTestDatabase('mining', {
    entities,
    migrations: [...busMigrations, ...migrations],
  })
  closing.push(close)
  const natsUrl = process.env.YMIR_TEST_NATS_URL ?? ''
  const bus = await openBus({ service: 'mining', natsUrl, database })
  closing.push(() => bus.stop())
  const folder = await mkdtemp(join(tmpdir(), 'ymir-mining-'))
  closing.push(() => rm(folder, { recursive: true, force: true }))
  const blobs = await openBlobs(folder)
  const annotations = [{ label: 'brick', score: 0.75, box: { x: 1, y: 2, width: 3, height: 4 } }]
  const minedPredictions = await writeJsonLines(blobs, [{ assetId: 'seen', annotations }])
  const gateway = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end('{"data":{"membership":null}}') // nobody became a member since the token was checked
  })
  await new Promise<void>((listening) => gateway.listen(0, '127.0.0.1', listening))
  closing.push(() => new Promise((closed) => gateway.close(closed)))
  const gatewayUrl = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}` // it listens on a port
  const server = await serveSubgraph({
    configuration: {
      ...{ service: 'mining', host: '127.0.0.1', port: 0, secret, gatewayUrl },
      ...{ databaseUrl: url, natsUrl, home: '', blobs: '', uploads: '' },
    },
    subgraph,
    context: { database, bus, blobs },
  })
  closing.push(() => server.stop())
  ask = async (caller, query, variables) => {
    const body = JSON.stringify({ query, variables })
    const signature = signIdentity(caller, { method: 'POST', path: '/graphql', body }, secret)
    const headers = { 'content-type': 'application/json', [CALLER_HEADER]: signature }
    const response = await fetch(`http://127.0.0.1:${server.port}/graphql`, { method: 'POST', headers, body })
    return response.json()
  }
  const ids = ['id', 'jobId', 'versionId', 'stageId', 'executorImageId', 'resultVersionId', 'createdBy']
  task = await database.manager.save(
    database.manager.create(MiningTaskRow, {
      ...Object.fromEntries(ids.map((name) => [name, randomUUID()])),
      ...{ projectId, strategy: 'ENTROPY', aggregate: 'MAX', topK: 5, annotate: true, seed: 0 },
      ...{ excludedVersionIds: [], excludeMined: true, resultDatasetName: 'mined', state: 'MINING' },
      ...{ minedPredictions, jobRequest: {}, chunkCount: 1, chunksDone: 0, budgetBoxes: 9 },
    }),
  )
  await database.manager.insert(MiningChunkRow, { miningTaskId: task.id, number: 0, jobId: task.jobId })
  const mined = ['seen', 'empty'].map((assetId, index) => ({ assetId, rank: index + 1, score: 1 - index }))
  await database.manager.insert(
    MinedAssetRow,
    mined.map((one) => ({ ...one, miningTaskId: task.id, reason: one.rank === 1 ? reason : null })),
  )
  await database.manager.insert(
    MinedDuplicateRow,
    ['twin', 'triplet'].map((assetId, index) => ({
      ...{ miningTaskId: task.id, number: index + 1, assetId, ofAssetId: 'seen', likeness: 'PERCEPTUAL' },
    })),
  )
})
afterAll(async () => {
  for (const close of closing.reverse()) await close()
})

const aUser = (memberships: UserCaller['memberships'] = {}, userId: string = randomUUID()): UserCaller => ({
  ...{ kind: 'user', userId, role: 'MEMBER', scopes: ['read'], memberships },
})

test('a job tells its mining task, to those who may see it', async () => {
  const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Job { miningTask { id } } } }`
  const of = [task.jobId, randomUUID()].map((id) => ({ __typename: 'Job', id }))
  expect(await ask(aUser({ [projectId]: 'VIEWER' }), query, { of })).toMatchObject({
    data: { _entities: [{ miningTask: { id: task.id } }, { miningTask: null }] },
  })
  expect(await ask(aUser(), query, { of })).toMatchObject({
    data: { _entities: [{ miningTask: null }, { miningTask: null }] },
  })
})

test('the mining tasks of somebody are counted by day, for themselves', async () => {
  const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on User { miningTasksByDay { count } } } }`
  const of = [{ __typename: 'User', id: task.createdBy }]
  expect(await ask(aUser({}, task.createdBy), query, { of })).toMatchObject({
    data: { _entities: [{ miningTasksByDay: [{ count: 1 }] }] },
  })
  expect(await ask(aUser(), query, { of })).toMatchObject({
    errors: [{ extensions: { code: 'FORBIDDEN' } }],
  })
})

test('what was mined comes by rank, with what the model found in it', async () => {
  const query = `query ($id: ID!) {
    miningTask(id: $id) {
      assets { edges { node {
        assetId rank thumbnailUrl predictions { label score box { x y width height } }
        reason { strategy scoreRank label probability nearestDistance }
      } } }
    }
  }`
  const thumbnail = (assetId: string) => `/files/thumbnails/${task.versionId}/${assetId}`
  const box = { x: 1, y: 2, width: 3, height: 4 }
  const nodes = [
    {
      ...{ assetId: 'seen', rank: 1, thumbnailUrl: thumbnail('seen') },
      predictions: [{ label: 'brick', score: 0.75, box }],
      reason: { ...reason, nearestDistance: null },
    },
    { assetId: 'empty', rank: 2, thumbnailUrl: thumbnail('empty'), predictions: [], reason: null },
  ]
  expect(await ask(aUser({ [projectId]: 'VIEWER' }), query, { id: task.id })).toMatchObject({
    data: { miningTask: { assets: { edges: nodes.map((node) => ({ node })) } } },
  })
})

test('what was left out is counted and paged, and the settings can be read', async () => {
  const query = `query ($id: ID!, $after: String) {
    miningTask(id: $id) {
      strategies { strategy weight } budgetBoxes deduplicate
      duplicatesLeftOut(first: 1, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } edges { node { assetId ofAssetId likeness } }
      }
    }
  }`
  const viewer = aUser({ [projectId]: 'VIEWER' })
  const first = (await ask(viewer, query, { id: task.id })) as {
    data: { miningTask: { duplicatesLeftOut: { pageInfo: { endCursor: string } } } }
  } // as asked for
  expect(first.data.miningTask).toMatchObject({
    ...{ strategies: [{ strategy: 'ENTROPY', weight: 1 }], budgetBoxes: 9, deduplicate: false },
    duplicatesLeftOut: {
      ...{ totalCount: 2, pageInfo: { hasNextPage: true } },
      edges: [{ node: { assetId: 'twin', ofAssetId: 'seen', likeness: 'PERCEPTUAL' } }],
    },
  })
  const after = first.data.miningTask.duplicatesLeftOut.pageInfo.endCursor
  expect(await ask(viewer, query, { id: task.id, after })).toMatchObject({
    data: { miningTask: { duplicatesLeftOut: { edges: [{ node: { assetId: 'triplet' } }] } } },
  })
})
