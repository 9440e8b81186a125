import { setTimeout as delay } from 'node:timers/promises'
import { waitUntil } from '@ymir/service'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ApiClient, type Following } from './testing/client.ts'
import { anExecutorImage, leaveAModel } from './testing/executor-image.ts'
import { aStart, trainModel, type Start } from './testing/loop.ts'
import { signUp } from './testing/platform.ts'
import { SupervisedPlatform } from './testing/supervised.ts'

interface ProjectEvent {
  cursor: string
  type: string
  data: Record<string, unknown>
}

const platform = new SupervisedPlatform({ YMIR_CPU_SLOTS: '2' })
let client: ApiClient
let start: Start
let image: { id: string }
let events: Following<ProjectEvent>

beforeAll(async () => {
  await platform.start()
  client = await signUp(new ApiClient(platform.gatewayUrl), 'ada@ymir.example')
  const began = new Date().toISOString()
  start = await aStart(client, 'Jobs under fire')
  events = client.follow<ProjectEvent>(
    `subscription ($projectId: ID!, $after: String) { projectEvents(projectId: $projectId, after: $after) { cursor type data } }`,
    { projectId: start.projectId, after: began },
  )
  image = await anExecutorImage(
    client,
    platform.home,
    `for n in {1..60}; do echo "line $n"; sleep 0.03; done ${leaveAModel}`,
  )
}, 120_000)
afterAll(async () => {
  events?.stop()
  await platform.stop()
}, 60_000)

const lines = Array.from({ length: 60 }, (_, index) => `line ${index + 1}\n`).join('')

async function train(name: string): Promise<string> {
  const { projectId, train, test } = start
  const input = {
    projectId,
    executorImageId: image.id,
    trainingVersionId: train.id,
    testVersionId: test.id,
    name,
  }
  return (await trainModel(client, input)).jobId
}

const statesOf = (jobId: string) =>
  events.payloads.flatMap(({ type, data }) =>
    type === 'ymir.job.state_changed.v1' && data.jobId === jobId ? [String(data.to)] : [],
  )

/** Ends as if nobody had been killed: once through each state, each line of the log there and none twice. */
async function expectUnharmed(jobId: string): Promise<void> {
  await waitUntil(`job ${jobId} to end`, () => /SUCC|FAIL|CANC/.test(statesOf(jobId).at(-1) ?? ''), {
    timeoutMs: 90_000,
  })
  expect(statesOf(jobId)).toEqual(['QUEUED', 'PREPARING', 'RUNNING', 'COLLECTING', 'SUCCEEDED'])
  const query = `query ($id: ID!) { job(id: $id) { attempt log(offset: 0) { text end } } }`
  const { job } = await client.ask<{ job: object }>(query, { id: jobId })
  expect(job).toEqual({ attempt: 1, log: { text: expect.stringContaining(lines), end: true } })
  expect((job as { log: { text: string } }).log.text.match(/line 1\n/g)).toHaveLength(1)
}

test.each(['QUEUED', 'PREPARING', 'RUNNING', 'COLLECTING'])(
  'kill -9 of the executor at %s harms no job, and no line of its log',
  async (state) => {
    const jobId = await train(`killed at ${state}`)
    await waitUntil(state, () => statesOf(jobId).includes(state), { timeoutMs: 60_000, everyMs: 2 })
    await platform.kill('executor')
    await expectUnharmed(jobId)
  },
  150_000,
)

test('nor does kill -9 of executor and nats-server at six moments, with two jobs at work', async () => {
  const jobIds = [await train('one'), await train('other')]
  for (const [victim, pauseMs] of [
    ...([
      ['executor', 200],
      ['nats', 150],
      ['executor', 50],
    ] as const),
    ...([
      ['nats', 300],
      ['executor', 400],
      ['executor', 10],
    ] as const),
  ]) {
    await platform.kill(victim)
    await delay(pauseMs) // moments of their own, whatever happens in them
  }
  for (const jobId of jobIds) await expectUnharmed(jobId)
}, 240_000)
