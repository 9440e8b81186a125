import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { unzipSync } from 'fflate'
import sharp from 'sharp'
import { extract } from 'tar-stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitUntil } from '@ymir/service'
import {
  assetsOf,
  aStart,
  firstRound,
  startIteration,
  startPlan,
  trainFirst,
  trainingParameters,
  whenIterationEnded,
  whenModelEnded,
  whenPlanEnded,
  type Iteration,
  type Model,
  type Start,
} from './testing/loop.ts'
import { aPlatform, signUp, type TestPlatform } from './testing/platform.ts'
import { pictures } from './testing/shapes.ts'

// One team's way through the loop: each test goes on where the one before it stopped.

let ymir: TestPlatform
let start: Start
let firstModelId: string
let firstModel: Model
const rounds: Iteration[] = []

beforeAll(async () => {
  ymir = await aPlatform()
}, 120_000)
afterAll(() => ymir?.stop(), 60_000)

test('three archives become datasets whose images and boxes can be looked at', async () => {
  const { client } = ymir
  start = await aStart(client, 'Shapes')

  const query = `query ($id: ID!) {
    project(id: $id) { myRole datasets { edges { node { name latestVersion { assetCount annotationCount } } } } }
  }`
  const { project } = await client.ask<{ project: object }>(query, { id: start.projectId })
  const dataset = (name: string, assetCount: number, annotationCount: number) => ({
    node: { name, latestVersion: { assetCount, annotationCount } },
  })
  expect(project).toEqual({
    myRole: 'OWNER',
    datasets: {
      edges: [dataset('truth', 5, 10), dataset('pool', 5, 0), dataset('test', 3, 6), dataset('train', 4, 8)],
    },
  })
})

test('an asset is its bytes, its thumbnail and its boxes', async () => {
  const { client } = ymir
  const [picture] = await pictures(1, 1)
  const sha256 = createHash('sha256').update(picture!.png).digest('hex')
  const query = `query ($id: ID!) {
    datasetVersion(id: $id) {
      assets { edges { node { id width height url thumbnailUrl annotations { label box { x y width height } } } } }
    }
  }`
  interface Asset {
    id: string
    url: string
    thumbnailUrl: string
    annotations: object[]
  }
  const { datasetVersion } = await client.ask<{
    datasetVersion: { assets: { edges: { node: Asset }[] } }
  }>(query, start.train)
  const asset = datasetVersion.assets.edges.map(({ node }) => node).find(({ id }) => id === sha256)

  expect(asset?.annotations).toEqual(
    picture?.shapes.map(({ label, corners }) => {
      const [xmin, ymin, xmax, ymax] = corners.map(Number) as [number, number, number, number] // four corners
      return { label, box: { x: xmin, y: ymin, width: xmax - xmin + 1, height: ymax - ymin + 1 } }
    }),
  )
  expect((await client.download(asset!.url)).equals(picture!.png)).toBe(true)
  expect((await sharp(await client.download(asset!.thumbnailUrl)).metadata()).width).toBeGreaterThan(0)
})

test('a training is watched live: its states, its progress, its loss, its log and its stages', async () => {
  const { client } = ymir
  const { id, jobId } = await trainFirst(client, start)
  firstModelId = id
  const progress = client.follow<{ cursor: string; state: string; progress: number }>(
    `subscription ($jobId: ID!, $after: String) {
      jobProgress(jobId: $jobId, after: $after) { cursor state progress }
    }`,
    { jobId },
  )
  await progress.until('the job to be there', (payloads) => payloads.length > 0)
  const scalars = client.follow<{ cursor: string; scalars: { tag: string; step: number }[] }>(
    `subscription ($jobId: ID!, $after: String) {
      jobScalars(jobId: $jobId, after: $after) { cursor scalars { tag step } }
    }`,
    { jobId },
  )
  const log = client.follow<{ cursor: string; offset: number; nextOffset: number; text: string }>(
    `subscription ($jobId: ID!, $after: String) {
      jobLog(jobId: $jobId, after: $after) { cursor offset nextOffset text }
    }`,
    { jobId },
  )
  const stages = client.follow<{ cursor: string; stage: { name: string } }>(
    `subscription ($modelId: ID!, $after: String) {
      modelStages(modelId: $modelId, after: $after) { cursor stage { name } }
    }`,
    { modelId: id },
  )

  const told = await progress.toItsEnd(90_000)
  expect([...new Set(told.map(({ state }) => state))].join()).toMatch(
    /^(QUEUED,)?(PREPARING,)?RUNNING,COLLECTING,SUCCEEDED$/,
  )
  const shares = told.map((one) => one.progress)
  expect(shares).toEqual(shares.toSorted((one, other) => one - other))
  expect(shares.some((share) => share > 0 && share < 1)).toBe(true)

  const stepsOf = (wanted: string, all: readonly { scalars: { tag: string; step: number }[] }[]) =>
    all.flatMap((one) => one.scalars.filter(({ tag }) => tag === wanted).map(({ step }) => step))
  const logged = await scalars.toItsEnd()
  const { steps } = trainingParameters
  const tags = [...new Set(logged.flatMap((one) => one.scalars.map(({ tag }) => tag)))]
  const [loss, map] = ['loss', 'map'].map((word) => tags.find((tag) => tag.toLowerCase().includes(word)))
  expect(stepsOf(loss!, logged).at(-1)).toBe(steps)
  expect(stepsOf(map!, logged)).toEqual([20, 40, 60])

  const text = (await log.toItsEnd()).map((one) => one.text).join('')
  const query = `query ($id: ID!) { job(id: $id) { log { text end } } }`
  const { job } = await client.ask<{ job: { log: { text: string; end: boolean } } }>(query, { id: jobId })
  expect(job.log).toEqual({ text, end: true })
  expect(text).toContain(`training on 4 images, validating on 3; classes disc, square; ${steps} steps`)

  firstModel = await whenModelEnded(client, id)
  await stages.toItsEnd()
  expect(stages.payloads.map(({ stage }) => stage.name)).toContain(firstModel.bestStage?.name)
}, 120_000)

test('the model is evaluated by the platform on the test set', async () => {
  const { client } = ymir
  expect(firstModel).toMatchObject({ state: 'READY', problem: null })
  const query = `query ($id: ID!) {
    model(id: $id) {
      evaluations { state map50 version { id } interval { low high } classes { label groundTruthCount } }
    }
  }`
  const { model } = await client.ask<{ model: { evaluations: object[] } }>(query, { id: firstModelId })
  expect(model.evaluations).toEqual([
    {
      ...{ state: 'SUCCEEDED', map50: firstModel.map50, version: { id: start.test.id } },
      interval: { low: expect.any(Number) as number, high: expect.any(Number) as number },
      classes: ['disc', 'square'].map((label) => ({ label, groundTruthCount: 3 })),
    },
  ])
})

test('two rounds mine, label, merge and train by themselves, the second begun by a plan that then stops', async () => {
  const { client } = ymir
  const byPlan = async () => {
    const { id, iterationId } = await startPlan(client, start.projectId, { stopRule: { maxRounds: 1 } })
    await expect(startIteration(client, start.projectId)).rejects.toThrow('runs the rounds of this project')
    expect(await whenPlanEnded(client, id)).toMatchObject({
      ...{ cause: 'ROUNDS_SPENT', reason: 'budget spent: 1 of 1 round' },
    })
    return iterationId
  }
  const byHand = () => startIteration(client, start.projectId, firstRound(start, firstModelId))
  for (const begin of [byHand, byPlan]) {
    const iteration = await whenIterationEnded(client, await begin())
    const { state, steps } = iteration
    expect({ state, problems: steps.map(({ problem }) => problem) }).toEqual({
      state: 'SUCCEEDED',
      problems: [null, null, null, null, null],
    })
    rounds.push(iteration)
  }
}, 150_000)

test('what was mined is labelled, joins the training set, and is not mined again', async () => {
  const { client } = ymir
  const pool = await assetsOf(client, start.pool.id)
  const made = (round: Iteration, step: string) =>
    assetsOf(client, round.steps.find(({ name }) => name === step)?.version?.id ?? '')
  const mined = await Promise.all(rounds.map((round) => made(round, 'MINE')))
  const [first = [], second = []] = mined

  expect(mined.map(({ length }) => length)).toEqual([2, 2])
  expect(pool).toEqual(expect.arrayContaining([...first, ...second]))
  expect(new Set([...first, ...second]).size).toBe(4)
  expect(await made(rounds[1]!, 'PREPARE')).toEqual(pool.filter((id) => !first.includes(id)))

  const training = await assetsOf(client, start.train.id)
  const merged = await Promise.all(rounds.map((round) => made(round, 'MERGE')))
  expect(merged).toEqual([[...training, ...first].sort(), [...training, ...first, ...second].sort()])
  const query = `query ($id: ID!) { datasetVersion(id: $id) { annotationCount } }`
  const last = rounds[1]?.steps.find(({ name }) => name === 'MERGE')?.version
  expect(await client.ask(query, last ?? {})).toEqual({ datasetVersion: { annotationCount: 2 * 8 } })
})

test('the table of rounds tells sizes, mAP and change', async () => {
  const { client } = ymir
  const query = `query ($id: ID!) {
    project(id: $id) { rounds { round trainingCount poolCount map50 change model { id map50 } } }
  }`
  interface Round {
    map50: number
    change: number | null
    model: { id: string; map50: number }
  }
  const { project } = await client.ask<{ project: { rounds: Round[] } }>(query, { id: start.projectId })
  expect(project.rounds).toMatchObject([
    { round: 0, trainingCount: 4, poolCount: 5, change: null, model: { id: firstModelId } },
    { round: 1, trainingCount: 6, poolCount: 3 },
    { round: 2, trainingCount: 8, poolCount: 1 },
  ])
  for (const [index, { map50, change, model }] of project.rounds.entries()) {
    expect(map50).toBe(model.map50)
    if (index > 0) expect(change).toBeCloseTo(map50 - project.rounds[index - 1]!.map50, 12)
  }
})

test('the table tells what a round brought and cost, as CSV too, to members only', async () => {
  const { client } = ymir
  const query = `query ($id: ID!) {
    project(id: $id) {
      roundsUrl
      rounds {
        imageCount boxCount labellingMinutes jobMinutes labelledBy map50
        evaluation { state map50 interval { low high } } gain { low high overRound }
      }
    }
  }`
  interface Round {
    map50: number
    jobMinutes: number
    gain: { low: number; high: number; overRound: number }
  }
  const { project } = await client.ask<{ project: { roundsUrl: string; rounds: [Round, Round, Round] } }>(
    query,
    {
      id: start.projectId,
    },
  )
  const [, first, second] = project.rounds
  for (const { map50, gain, jobMinutes, ...round } of [first, second]) {
    expect(round).toMatchObject({
      ...{ imageCount: 2, boxCount: 4, labellingMinutes: null, labelledBy: ['knows the answers'] },
      evaluation: { state: 'SUCCEEDED', map50, interval: { low: expect.any(Number) as number } },
    })
    expect(gain.low).toBeLessThanOrEqual(gain.high)
    expect(jobMinutes).toBeGreaterThan(0)
  }
  expect(first.gain.overRound).toBe(0)
  expect(second.gain.overRound).toBe(first.gain.low > 0 ? 1 : 0)

  const table = await client.get(project.roundsUrl)
  expect(table.headers.get('content-type')).toContain('text/csv')
  const [columns, ...lines] = (await table.text()).trimEnd().split('\r\n')
  expect(columns).toMatch(/^round,strategy,pool,training,images,boxes,map50,/)
  expect(lines.map((line) => line.split(',').slice(0, 6).join())).toEqual([
    ...['0,,5,4,0,', '1,CLASS_BALANCE,3,6,2,4', '2,CLASS_BALANCE,1,8,2,4'],
  ])
  const stranger = await signUp(client, 'mallory@ymir.example')
  expect((await stranger.get(project.roundsUrl)).status).toBe(403)
})

test('the model finds the shapes on an uploaded photo', async () => {
  const { client } = ymir
  const lastModel = rounds[1]?.steps.find(({ name }) => name === 'TRAIN')?.model
  const [photo] = await pictures(1, 9)
  const { bestStage } = await whenModelEnded(client, lastModel?.id ?? '')
  const input = { stageId: bestStage?.id, uploadIds: [await client.upload(photo!.png, 'photo.png')] }
  const mutation = `mutation ($input: InferPhotosInput!) { inferPhotos(input: $input) { inference { id } } }`
  const { inferPhotos } = await client.ask<{ inferPhotos: { inference: { id: string } } }>(mutation, {
    input,
  })
  const query = `query ($id: ID!) {
    inference(id: $id) { state photos { name width height predictions(threshold: 0.05) { label score } } }
  }`
  interface Inference {
    state: string
    photos: { predictions: { label: string; score: number }[] }[]
  }
  const inference = await waitUntil(
    'the inference to end',
    async () => {
      const answer = await client.ask<{ inference: Inference }>(query, inferPhotos.inference)
      return answer.inference.state !== 'RUNNING' && answer.inference
    },
    { timeoutMs: 60_000, everyMs: 200 },
  )
  expect(inference).toMatchObject({
    state: 'SUCCEEDED',
    photos: [{ name: 'photo.png', width: 64, height: 64 }],
  })
  const labels = inference.photos[0]?.predictions.map(({ label }) => label)
  expect(new Set(labels)).toEqual(new Set(['disc', 'square']))
}, 90_000)

test('the model package downloads as the contract has it', async () => {
  const archive = gunzipSync(await ymir.client.download(firstModel.packageUrl ?? ''))
  const files = await filesOfTar(archive)
  expect([...files.keys()]).toContain('ymir-info.yaml')
  expect([...files.keys()].some((name) => name.endsWith('.onnx'))).toBe(true)
  expect(files.get('ymir-info.yaml')).toContain(firstModel.bestStage?.name)
})

test('a version exports as a Pascal VOC archive with the bytes that came in', async () => {
  const { client } = ymir
  const mutation = `mutation ($id: ID!) { exportVersion(input: { versionId: $id }) { url } }`
  const { exportVersion } = await client.ask<{ exportVersion: { url: string } }>(mutation, start.train)
  const files = unzipSync(new Uint8Array(await client.download(exportVersion.url)))
  const named = (ending: string) => Object.keys(files).filter((name) => name.endsWith(ending))
  expect([named('.png').length, named('.xml').length]).toEqual([4, 4])
  const hashes = named('.png').map((name) => createHash('sha256').update(files[name]!).digest('hex'))
  expect(hashes.sort()).toEqual(await assetsOf(client, start.train.id))
})

/** Texts of the files in a tar archive by name. */
async function filesOfTar(archive: Buffer): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  const reader = extract()
  reader.end(archive)
  for await (const entry of reader) {
    const chunks: Buffer[] = []
    for await (const chunk of entry) chunks.push(chunk as Buffer) // tar-stream's entries give buffers
    files.set(entry.header.name, Buffer.concat(chunks).toString())
  }
  return files
}
