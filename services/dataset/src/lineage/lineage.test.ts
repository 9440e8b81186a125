import { randomUUID } from 'node:crypto'
import type { UserCaller } from '@ymir/graphql'
import {
  JobRequestedSchema,
  LabellingTaskStateChangedSchema,
  MiningTaskStateChangedSchema,
  ModelStateChangedSchema,
} from '@ymir/proto-events'
import { waitUntil } from '@ymir/service'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { anArchiveOf } from '../testing/archive.ts'
import { aUser, startTestService, type TestService } from '../testing/service.ts'

let service: TestService
let projectId: string
let owner: UserCaller
/** An import, a sample of it, and a sample of that. */
let pool: string
let start: string
let small: string

beforeAll(async () => {
  service = await startTestService()
  ;({ projectId, owner } = await service.aProject())
  pool = (await service.importArchive(await anArchiveOf(4), { projectId }, owner)).version.id
  start = await sampled(pool)
  small = await sampled(start)
})
afterAll(() => service.stop())

async function sampled(versionId: string): Promise<string> {
  const { data } = await service.ask(
    `mutation ($input: SampleVersionInput!) { sampleVersion(input: $input) { version { id } } }`,
    { input: { versionId, count: 2, name: randomUUID() } },
    owner,
  )
  return data.sampleVersion.version.id
}

async function lineageOf(id: string, options: object = {}, caller = owner) {
  const { data, errors } = await service.ask(
    `query ($id: ID!, $direction: LineageDirection! = BOTH, $depth: Int! = 10) { datasetVersion(id: $id) {
       lineage(direction: $direction, depth: $depth) { isComplete edges { fromId toId role }
         nodes { __typename ... on DatasetVersion { id number } ... on Model { id } ... on Job { id }
           ... on LabellingTask { id } ... on MiningTask { id } } } } }`,
    { id, ...options },
    caller,
  )
  if (errors) throw new Error(errors[0]?.message)
  return data.datasetVersion.lineage as {
    isComplete: boolean
    edges: { fromId: string; toId: string; role: string }[]
    nodes: { __typename: string; id: string }[]
  }
}

const idsOf = ({ nodes }: { nodes: { id: string }[] }) => nodes.map(({ id }) => id).sort()

test('versions stand in their lineage upwards, downwards and both ways, as far as asked', async () => {
  expect(idsOf(await lineageOf(start, { direction: 'UP' }))).toEqual([pool, start].sort())
  expect(idsOf(await lineageOf(start, { direction: 'DOWN' }))).toEqual([small, start].sort())
  const both = await lineageOf(start)
  expect(idsOf(both)).toEqual([pool, small, start].sort())
  expect(both.isComplete).toBe(true)
  expect(both.edges).toContainEqual({ fromId: pool, toId: start, role: 'PARENT' })
  const near = await lineageOf(pool, { direction: 'DOWN', depth: 1 })
  expect(idsOf(near)).toEqual([pool, start].sort())
  expect(near.isComplete).toBe(false)
})

test('history lists a version before its parents; being made from another is told over any number of steps', async () => {
  const { data } = await service.ask(
    `query ($id: ID!, $far: ID!) { datasetVersion(id: $id) {
       history { id } made: isMadeFrom(versionId: $far) itself: isMadeFrom(versionId: $id) } }`,
    { id: small, far: pool },
    owner,
  )
  expect(data.datasetVersion).toEqual({
    history: [{ id: small }, { id: start }, { id: pool }],
    made: true,
    itself: false,
  })
})

test('models, jobs and tasks of other services join the lineage once, and only for members of their project', async () => {
  const source = await sampled(pool)
  const [mined, labelled] = [await sampled(source), await sampled(source)]
  const [job, model, miningTask, labellingTask] = Array.from({ length: 4 }, () => randomUUID())
  const training = { projectId, jobId: job!, kinds: ['TRAINING'], trainingVersionId: source }
  await service.say('mining', JobRequestedSchema, training)
  for (const state of ['TRAINING', 'READY'])
    await service.say('model', ModelStateChangedSchema, {
      ...{ projectId, modelId: model!, state, jobId: job!, trainingVersionId: source, testVersionId: start },
    })
  for (const versionId of ['', mined])
    await service.say('mining', MiningTaskStateChangedSchema, {
      ...{ projectId, miningTaskId: miningTask!, sourceVersionId: source, versionId, jobId: 'none' },
    })
  await service.say('labeling', LabellingTaskStateChangedSchema, {
    ...{ projectId, labellingTaskId: labellingTask!, sourceVersionId: source, versionId: labelled },
  })
  const lineage = await waitUntil('all to be heard', async () => {
    const found = await lineageOf(source, { direction: 'DOWN' })
    return found.nodes.length === 7 && found.edges.length === 9 && found
  })
  expect(Object.fromEntries(lineage.nodes.map(({ id, __typename }) => [id, __typename]))).toEqual({
    ...Object.fromEntries([source, mined, labelled].map((id) => [id, 'DatasetVersion'])),
    ...{ [job!]: 'Job', [model!]: 'Model' },
    ...{ [miningTask!]: 'MiningTask', [labellingTask!]: 'LabellingTask' },
  })
  for (const edge of [
    { fromId: source, toId: job, role: 'TRAINED_ON' },
    { fromId: job, toId: model, role: 'MADE_BY' },
    { fromId: source, toId: miningTask, role: 'MINED_FROM' },
    { fromId: miningTask, toId: mined, role: 'MADE_BY' },
    { fromId: source, toId: labellingTask, role: 'LABELLED_FROM' },
    { fromId: labellingTask, toId: labelled, role: 'MADE_BY' },
  ])
    expect(lineage.edges).toContainEqual(edge)
  expect(idsOf(await lineageOf(labelled, { direction: 'UP' }))).toEqual(
    [labelled, labellingTask!, source, pool].sort(),
  )

  await service.database.query(
    `update datasets set public = true where id = (
    select dataset_id from dataset_versions where id = $1)`,
    [source],
  )
  expect(idsOf(await lineageOf(source, {}, aUser()))).toEqual([source])
})
