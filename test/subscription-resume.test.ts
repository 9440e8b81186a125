import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Following } from './testing/client.ts'
import { aStart, trainingParameters, trainModel, whenModelEnded, type Start } from './testing/loop.ts'
import { saidAbout } from './testing/outboxes.ts'
import { aPlatform, type TestPlatform } from './testing/platform.ts'

// One training is followed by clients whose connections break again and again.

interface Progress {
  cursor: string
  state: string
  progress: number
  message: string | null
}
interface Scalars {
  cursor: string
  scalars: { tag: string; step: number; value: number }[]
}
interface ProjectEvent {
  cursor: string
  id: string
}

const breakers: NodeJS.Timeout[] = []
const began = new Date().toISOString()
let ymir: TestPlatform
let start: Start
let jobId: string
let progress: Following<Progress>
let scalars: Following<Scalars>
let events: Following<ProjectEvent>

beforeAll(async () => {
  ymir = await aPlatform()
  const { client } = ymir
  start = await aStart(client, 'Shapes over bad lines')
  const { projectId, executorImageId } = start
  const model = await trainModel(client, {
    ...{ projectId, executorImageId, name: 'first' },
    ...{ trainingVersionId: start.train.id, testVersionId: start.test.id },
    parameters: { ...trainingParameters, steps: 400, evaluate_every: 100 },
  })
  jobId = model.jobId
  progress = client.follow<Progress>(
    `subscription ($jobId: ID!, $after: String) {
      jobProgress(jobId: $jobId, after: $after) { cursor state progress message }
    }`,
    { jobId },
  )
  scalars = client.follow<Scalars>(
    `subscription ($jobId: ID!, $after: String) {
      jobScalars(jobId: $jobId, after: $after) { cursor scalars { tag step value } }
    }`,
    { jobId },
  )
  events = client.follow<ProjectEvent>(
    `subscription ($projectId: ID!, $after: String) {
      projectEvents(projectId: $projectId, after: $after) { cursor id }
    }`,
    { projectId, after: began },
  )
  for (const following of [progress, scalars, events]) cutAfterEachPayload(following)
  expect(await whenModelEnded(client, model.id)).toMatchObject({ state: 'READY' })
}, 180_000)
afterAll(async () => {
  for (const breaker of breakers) clearInterval(breaker)
  events?.stop()
  await ymir?.stop()
}, 60_000)

/** A connection lives until it brought something. */
function cutAfterEachPayload(following: Following<{ cursor: string }>): void {
  let seen = 0
  const breaker = setInterval(() => {
    if (following.payloads.length === seen || following.isComplete) return
    seen = following.payloads.length
    following.cut()
  }, 5)
  breakers.push(breaker)
}

test('jobProgress tells every further state once and no progress twice', async () => {
  const payloads = await progress.toItsEnd()
  expect(progress.connections).toBeGreaterThan(3)
  const states = payloads.map(({ state }) => state).filter((state, i, all) => state !== all[i - 1])
  const order = ['QUEUED', 'PREPARING', 'RUNNING', 'COLLECTING', 'SUCCEEDED']
  expect(states).toEqual(order.slice(order.indexOf(states[0] ?? '')))
  const told = payloads.map(({ cursor: _, ...one }) => JSON.stringify(one))
  expect(told).toEqual([...new Set(told)])
})

test('jobScalars tells every number once', async () => {
  const payloads = await scalars.toItsEnd()
  expect(scalars.connections).toBeGreaterThan(3)
  const query = `query ($jobId: ID!) { job(id: $jobId) { scalars { tag points { step value } } } }`
  interface Logged {
    job: { scalars: { tag: string; points: { step: number; value: number }[] }[] }
  }
  const { job } = await ymir.client.ask<Logged>(query, { jobId })
  expect(job.scalars.length).toBeGreaterThan(2)
  for (const { tag, points } of job.scalars)
    expect({
      tag,
      points: payloads
        .flatMap((one) => one.scalars.filter((scalar) => scalar.tag === tag))
        .map(({ step, value }) => ({ step, value })),
    }).toEqual({ tag, points })
})

test('projectEvents tells every event once, in each service’s order', async () => {
  const said = await saidAbout(ymir.platform.databaseUrl, start.projectId)
  const all = Object.values(said).flat()
  await events.until('the last event', ({ length }) => length >= all.length)
  expect(events.connections).toBeGreaterThan(3)
  const heard = events.payloads.map(({ id }) => id)
  expect(heard.toSorted()).toEqual(all.toSorted())
  for (const ids of Object.values(said)) expect(heard.filter((id) => ids.includes(id))).toEqual(ids)
})
