import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '@ymir/deploy'
import { waitUntil } from '@ymir/service'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ApiClient, type Following } from './testing/client.ts'
import {
  assetsOf,
  createProject,
  importArchive,
  startPlan,
  trainModel,
  trainingParameters,
  whenModelEnded,
  whenPlanEnded,
  type Version,
} from './testing/loop.ts'
import { signUp } from './testing/platform.ts'
import { pictures, vocArchive } from './testing/shapes.ts'
import { SupervisedPlatform } from './testing/supervised.ts'
import { createVendor, SampleVendors, whenSaid } from './testing/vendors.ts'

/** A folder with train.zip, pool.zip and test.zip, Pascal VOC, to run this with real images. */
const folder = process.env.YMIR_TEST_ARCHIVES
const topK = folder ? 20 : 2
const parameters = folder
  ? { steps: 150, input_size: 128, quarter_turns: true, flip_vertical: true, threads: 1 }
  : trainingParameters

interface ProjectEvent {
  cursor: string
  type: string
  data: Record<string, unknown>
}

const platform = new SupervisedPlatform({ YMIR_VENDOR_PRIVATE_URLS: '1' })
const vendors = new SampleVendors()
let client: ApiClient
let projectId: string
let events: Following<ProjectEvent>

beforeAll(async () => {
  await platform.start()
  client = await signUp(new ApiClient(platform.gatewayUrl), 'ada@ymir.example')
  projectId = await createProject(client, 'Vendors under fire')
  events = client.follow<ProjectEvent>(
    `subscription ($projectId: ID!, $after: String) {
      projectEvents(projectId: $projectId, after: $after) { cursor type data }
    }`,
    { projectId, after: new Date().toISOString() },
  )
}, 120_000)
afterAll(async () => {
  events?.stop()
  vendors.stop()
  await platform.stop()
}, 60_000)

/** What has its ground truth stands for what people at the vendor know. */
async function imported(name: 'train' | 'pool' | 'test', count: number, seed: number): Promise<Version> {
  const archive = folder ? readFileSync(join(folder, `${name}.zip`)) : vocArchive(await pictures(count, seed))
  const choice = { projectId, name, unknownLabels: 'ADD', badItems: 'SKIP' } as const
  const { version, problem } = await importArchive(client, archive, choice)
  if (!version) throw new Error(`${name} was not imported: ${problem}`)
  return version
}

/** Kills a process as soon as a step of a round begins. */
async function killWhen(name: string, round: number, step: string): Promise<void> {
  const begun = ({ type, data }: ProjectEvent) =>
    type === 'ymir.iteration.step_changed.v1' &&
    data.round === round &&
    data.step === step &&
    data.state === 'RUNNING'
  await waitUntil(`${step} of round ${round} to begin`, () => events.payloads.some(begun), {
    ...{ timeoutMs: 300_000, everyMs: 5 },
  })
  await platform.kill(name)
}

interface Found {
  readonly plan: { readonly rounds: readonly Round[] }
  readonly project: object
  readonly jobs: object
}
interface Round {
  readonly round: number
  readonly map50: number | null
  readonly labelledVersion: { readonly id: string } | null
}

test('a plan runs three rounds with a vendor by NATS and one by webhook, each service killed once', async () => {
  const [train, pool, tested] = [
    await imported('train', 4, 1),
    await imported('pool', 8, 2),
    await imported('test', 3, 3),
  ]
  const classes = [
    ...new Set([train, pool, tested].flatMap(({ labels }) => labels.map(({ label }) => label))),
  ]
  await client.ask(
    `mutation ($input: UpdateProjectInput!) { updateProject(input: $input) { project { id } } }`,
    {
      input: { id: projectId, classes },
    },
  )
  const port = await freePort()
  const webhookUrl = `http://127.0.0.1:${port}/`
  const byNats = await createVendor(client, { projectId, name: 'by NATS', nats: true })
  const byWebhook = await createVendor(client, { projectId, name: 'by webhook', webhookUrl })
  await whenSaid('listening', vendors.byNats(platform, byNats))
  await whenSaid('listening', vendors.byWebhook(platform, byWebhook, port))

  const { executorImages } = await client.ask<{ executorImages: { id: string; name: string }[] }>(
    '{ executorImages { id name } }',
  )
  const executorImageId = executorImages.find(({ name }) => name === 'onnx-detector')!.id
  const versions = { trainingVersionId: train.id, testVersionId: tested.id }
  const first = await trainModel(client, {
    projectId,
    name: 'first',
    executorImageId,
    ...versions,
    parameters,
  })
  expect(await whenModelEnded(client, first.id)).toMatchObject({ state: 'READY', problem: null })

  const { id } = await startPlan(client, projectId, {
    ...{ ...versions, miningVersionId: pool.id, startModelId: first.id, executorImageId, topK },
    ...{ trainingParameters: parameters, keepAnnotations: true },
    ...{ vendorIds: [byNats.vendor.id, byWebhook.vendor.id], stopRule: { maxRounds: 3 } },
  })
  await killWhen('executor', 1, 'MINE')
  await killWhen('labeling', 1, 'LABEL')
  await killWhen('dataset', 1, 'MERGE')
  await killWhen('model', 1, 'TRAIN')
  await killWhen('mining', 2, 'PREPARE')
  await killWhen('gateway', 2, 'LABEL')
  await killWhen('identity', 2, 'TRAIN')
  await killWhen('nats', 3, 'LABEL')
  expect(await whenPlanEnded(client, id)).toMatchObject({
    ...{ state: 'STOPPED', reason: 'budget spent: 3 of 3 rounds' },
  })

  const { plan, ...counts } = await client.ask<Found>(
    `query ($id: ID!, $projectId: ID!) {
      plan(id: $id) {
        rounds { round trainingCount poolCount imageCount map50 labelledBy labelledVersion { id } }
      }
      project(id: $projectId) {
        models { totalCount edges { node { evaluations { state } } } }
        miningTasks { totalCount }
        labellingTasks { totalCount edges { node { state itemCount doneCount result { assetCount } } } }
      }
      jobs(projectId: $projectId) { edges { node { state } } }
    }`,
    { id, projectId },
  )
  const [trained, left] = [train.assetCount, pool.assetCount]
  const labelledBy = [[], ['by NATS'], ['by webhook'], ['by NATS']]
  expect(plan.rounds).toMatchObject(
    [0, 1, 2, 3].map((round) => ({
      ...{ round, trainingCount: trained + round * topK, poolCount: left - round * topK },
      ...{ imageCount: round ? topK : 0, labelledBy: labelledBy[round] },
      ...{ map50: expect.any(Number) as number },
    })),
  )
  const labelled = await Promise.all(
    plan.rounds.slice(1).map(({ labelledVersion }) => assetsOf(client, labelledVersion!.id)),
  )
  expect(new Set(labelled.flat()).size).toBe(3 * topK) // no image was labelled twice

  const evaluated = { node: { evaluations: [{ state: 'SUCCEEDED' }] } }
  const task = { state: 'SUCCEEDED', itemCount: topK, doneCount: topK, result: { assetCount: topK } }
  expect(counts).toEqual({
    jobs: { edges: Array(2 + 3 * 3).fill({ node: { state: 'SUCCEEDED' } }) },
    project: {
      models: { totalCount: 4, edges: Array(4).fill(evaluated) },
      miningTasks: { totalCount: 3 },
      labellingTasks: { totalCount: 3, edges: Array(3).fill({ node: task }) },
    },
  })
  console.log(
    plan.rounds.map(({ round, map50 }) => `round ${round}: ${(100 * map50!).toFixed(2)} %`).join(', '),
  )
}, 900_000)
