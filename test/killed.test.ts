import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { anArchive, anImage, aVocFile } from '@ymir/dataset/testing'
import { waitUntil } from '@ymir/service'
import { ApiClient, Refused, type Following } from './testing/client.ts'
import { aDatasetProject } from './testing/dataset.ts'
import { anExecutorImage, leaveAModel, readJob } from './testing/executor-image.ts'
import {
  aStart,
  firstRound,
  startPlan,
  trainFirst,
  trainModel,
  whenIterationEnded,
  whenModelEnded,
  whenPlanEnded,
  type Start,
} from './testing/loop.ts'
import { saidAbout } from './testing/outboxes.ts'
import { openStreams } from './testing/stream.ts'
import { signUp } from './testing/platform.ts'
import { SupervisedPlatform } from './testing/supervised.ts'

interface ProjectEvent {
  cursor: string
  id: string
  type: string
  data: Record<string, unknown>
}

const platform = new SupervisedPlatform({ YMIR_CPU_SLOTS: '2' })
let client: ApiClient
let start: Start
let events: Following<ProjectEvent>

beforeAll(async () => {
  await platform.start()
  client = await signUp(new ApiClient(platform.gatewayUrl), 'ada@ymir.example')
  const began = new Date().toISOString()
  start = await aStart(client, 'Shapes under fire')
  events = client.follow<ProjectEvent>(
    `subscription ($projectId: ID!, $after: String) {
      projectEvents(projectId: $projectId, after: $after) { cursor id type data }
    }`,
    { projectId: start.projectId, after: began },
  )
}, 120_000)
afterAll(async () => {
  events?.stop()
  await platform.stop()
}, 60_000)

/** Kills a process as soon as an event of this type with this in its data is heard. */
async function killWhen(name: string, type: string, data: object): Promise<void> {
  const heard = () =>
    events.payloads.some((event) => {
      if (event.type !== `ymir.${type}.v1`) return false
      return Object.entries(data).every(([field, value]) => event.data[field] === value)
    })
  await waitUntil(`${type} ${JSON.stringify(data)}`, heard, { timeoutMs: 90_000, everyMs: 5 })
  await platform.kill(name)
}

test('the loop comes to its end although every process is killed in the middle of it', async () => {
  const first = await trainFirst(client, start)
  await killWhen('executor', 'job.state_changed', { to: 'RUNNING', jobId: first.jobId })
  await killWhen('model', 'job.stage_saved', { jobId: first.jobId })
  await killWhen('nats', 'model.state_changed', { state: 'EVALUATING', modelId: first.id })
  expect(await whenModelEnded(client, first.id)).toMatchObject({ state: 'READY', problem: null })

  const choice = { ...firstRound(start, first.id), stopRule: { maxRounds: 1 } }
  const { id: planId, iterationId: iteration } = await startPlan(client, start.projectId, choice)
  const running = (step: string) => ({ iterationId: iteration, step, state: 'RUNNING' })
  await killWhen('dataset', 'iteration.step_changed', running('PREPARE'))
  await killWhen('mining', 'iteration.step_changed', running('MINE'))
  await killWhen('labeling', 'iteration.step_changed', running('LABEL'))
  await killWhen('gateway', 'iteration.step_changed', running('MERGE'))
  await killWhen('identity', 'iteration.step_changed', running('TRAIN'))
  await killWhen('nats', 'iteration.step_changed', running('TRAIN'))
  const { steps } = await whenIterationEnded(client, iteration)
  expect(steps.map(({ name, state, problem }) => ({ name, state, problem }))).toEqual(
    ['PREPARE', 'MINE', 'LABEL', 'MERGE', 'TRAIN'].map((name) => ({
      ...{ name, state: 'SUCCEEDED', problem: null },
    })),
  )
  expect(await whenPlanEnded(client, planId)).toMatchObject({
    ...{ state: 'STOPPED', reason: 'budget spent: 1 of 1 round', rounds: [{ round: 0 }, { round: 1 }] },
  })
}, 240_000)

test('no event had its effect twice, none was without effect', () => expectOneRound())

test('a client that kept on subscribing heard each event of each service once, in order', async () => {
  await expectAllHeard()
  expect(events.connections).toBeGreaterThan(1)
})

test('an import whose service is killed in its middle comes to its end, and the same import again doubles nothing', async () => {
  const count = 4_000
  const project = await aDatasetProject(client, 'Import under fire', ['disc', 'square'])
  const uploadId = await project.uploaded(await manyImages(count))
  const id = await project.requestImport({ uploadId, badItems: 'SKIP' })
  const told: number[] = []
  const look = async () => {
    const now = await readImport(id)
    if (now) told.push(now.progress)
    return now
  }
  const isInItsMiddle = async () => {
    const now = await look()
    if (now?.state === 'SUCCEEDED') throw new Error('the import was quicker than the kill')
    return now && now.progress > 0.5 && now.progress < 0.9
  }
  await waitUntil('the import to be in its middle', isInItsMiddle, { timeoutMs: 60_000, everyMs: 5 })
  const isBack = platform.kill('dataset')
  const hasEnded = async () => (await look())?.state === 'SUCCEEDED'
  await waitUntil('the import to succeed', hasEnded, { timeoutMs: 60_000, everyMs: 5 })
  await isBack
  expect(told).toEqual(told.toSorted((one, other) => one - other)) // it never went back

  const first = await project.whenImportEnded(id)
  expect(first).toMatchObject({
    report: { duplicateCount: 0, skippedItemCount: 1, problems: [{ file: 'images/bad.jpg' }] },
    version: { number: 1, assetCount: count, annotationCount: count },
  })
  const stored = storedBlobs()
  const again = await project.imported({ uploadId, badItems: 'SKIP' })
  expect(again).toMatchObject({ report: first.report, version: { root: first.version!.root } })
  expect(storedBlobs()).toEqual(stored)
}, 120_000)

/** Images that differ in a comment, one box each; before them a file that is none. */
async function manyImages(count: number): Promise<Buffer> {
  const plain = await anImage()
  const files: Record<string, Uint8Array | string> = { 'images/bad.jpg': 'no image' }
  for (let index = 0; index < count; index++) {
    const text = Buffer.from(`image ${index}`)
    const comment = Buffer.from([0xff, 0xfe, 0, text.length + 2])
    files[`images/${index}.jpg`] = Buffer.concat([plain.subarray(0, 2), comment, text, plain.subarray(2)])
    files[`annotations/${index}.xml`] = aVocFile([{ name: 'disc', corners: [1, 1, 9 + (index % 9), 9] }])
  }
  return anArchive(files)
}

/** Undefined while the service is away. */
async function readImport(id: string): Promise<{ state: string; progress: number } | undefined> {
  const query = 'query ($id: ID!) { import(id: $id) { state progress } }'
  try {
    return (await client.ask<{ import: { state: string; progress: number } }>(query, { id })).import
  } catch (error) {
    if (error instanceof Refused && error.code === 'SERVICE_UNAVAILABLE') return undefined
    throw error
  }
}

const storedBlobs = () => readdirSync(join(platform.home, 'blobs'), { recursive: true }).sort()

test('nats-server may even lose its files: nothing is lost, and nothing heard or done twice', async () => {
  await platform.loseNats()
  const streams = await openStreams(platform.natsUrl)
  const said = Object.values(await saidAbout(platform.databaseUrl, start.projectId)).flat()
  await waitUntil('all to be said again', async () => (await streams.facts()).length >= said.length, {
    timeoutMs: 30_000,
    everyMs: 250,
  })
  await streams.whenAllTaken()
  await streams.close()
  const mutation = `mutation ($id: ID!) { sampleVersion(input: { versionId: $id, name: "one", count: 1 }) { version { id } } }`
  await client.ask(mutation, start.pool)
  await expectAllHeard()
  await expectOneRound({ one: 1 })
}, 60_000)

test('after kill -9 of everything, PostgreSQL too, the platform goes on: jobs are adopted or start again', async () => {
  const image = await anExecutorImage(
    client,
    platform.home,
    `until [ -e "$HERE/go" ]; do sleep 0.1; done ${leaveAModel}`,
  )
  const { projectId, train, test } = start
  const input = { projectId, executorImageId: image.id, trainingVersionId: train.id, testVersionId: test.id }
  const [spared, lost] = [
    await trainModel(client, { ...input, name: 'spared' }),
    await trainModel(client, { ...input, name: 'lost' }),
  ]
  for (const { jobId } of [spared, lost]) await whenJobIs('RUNNING', jobId)
  await platform.killEverything()
  process.kill(-Number(readFileSync(join(platform.home, 'jobs', lost.jobId, 'pid'), 'utf8')), 'SIGKILL')
  writeFileSync(join(image.folder, 'go'), '')
  await platform.start()

  await whenJobIs('SUCCEEDED', spared.jobId)
  await whenJobIs('SUCCEEDED', lost.jobId)
  expect(await readJob(client, spared.jobId)).toMatchObject({ attempt: 1 })
  expect(await readJob(client, lost.jobId)).toMatchObject({ attempt: 2 })
  for (const { id } of [spared, lost]) await whenModelEnded(client, id)
  await expectAllHeard()
}, 120_000)

async function whenJobIs(state: string, id: string): Promise<void> {
  await waitUntil(`job ${id} to be ${state}`, async () => (await readJob(client, id)).state === state, {
    timeoutMs: 60_000,
    everyMs: 100,
  })
}

/** Waits until the client heard what the services' outboxes hold: once, in the order of each service. */
async function expectAllHeard(): Promise<void> {
  const differences = async () => {
    const said = await saidAbout(platform.databaseUrl, start.projectId)
    const heard = events.payloads.map(({ id }) => id)
    const known = new Set(Object.values(said).flat())
    return {
      unknown: heard.filter((id) => !known.has(id)),
      otherwise: Object.entries(said)
        .map(([service, ids]) => ({ service, ids, heard: heard.filter((id) => ids.includes(id)) }))
        .filter((one) => one.ids.join() !== one.heard.join()),
    }
  }
  await expect.poll(differences, { timeout: 15_000, interval: 250 }).toEqual({ unknown: [], otherwise: [] })
}

/** What one run of the loop gives, with further datasets if there are any. */
async function expectOneRound(further: Record<string, number> = {}): Promise<void> {
  const query = `query ($id: ID!) {
    project(id: $id) {
      datasets { edges { node { name versions { totalCount } } } }
      models { totalCount edges { node { evaluations { state } } } }
      miningTasks { totalCount }
      labellingTasks { totalCount }
      rounds { round trainingCount poolCount }
    }
    jobs(projectId: $id) { edges { node { state } } }
  }`
  interface Counts {
    project: { datasets: { edges: { node: { name: string; versions: { totalCount: number } } }[] } }
  }
  const { project, ...found } = await client.ask<Counts>(query, { id: start.projectId })
  const { datasets, ...counts } = project
  const versions = datasets.edges.map(({ node }) => [node.name, node.versions.totalCount])
  expect(Object.fromEntries(versions)).toEqual({
    ...{ train: 2, test: 1, pool: 2, truth: 1 },
    ...{ 'pool mined': 1, 'pool, round 1': 1 },
    ...further,
  })
  const evaluated = { node: { evaluations: [{ state: 'SUCCEEDED' }] } }
  expect({ ...found, ...counts }).toEqual({
    jobs: { edges: Array(5).fill({ node: { state: 'SUCCEEDED' } }) },
    models: { totalCount: 2, edges: [evaluated, evaluated] },
    miningTasks: { totalCount: 1 },
    labellingTasks: { totalCount: 1 },
    rounds: [
      { round: 0, trainingCount: 4, poolCount: 5 },
      { round: 1, trainingCount: 6, poolCount: 3 },
    ],
  })
}
