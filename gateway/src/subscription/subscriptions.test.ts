import {
  ExecutorImagePulledSchema,
  ExecutorImageStateChangedSchema,
  JobStateChangedSchema,
  ModelStageAddedSchema,
  ModelStateChangedSchema,
} from '@ymir/proto-events'
import { waitUntil } from '@ymir/service'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aSpeaker, newId, type TestSpeaker } from '../testing/events.ts'
import { startTestPlatform, type TestPlatform } from '../testing/platform.ts'
import { subscribe } from '../testing/received.ts'

let platform: TestPlatform
let executor: TestSpeaker
let ada: string
const project = newId()

beforeAll(async () => {
  ;[platform, executor] = await Promise.all([startTestPlatform(), aSpeaker('executor')])
  ada = platform.world.signIn('ada', { [project]: 'VIEWER' })
})
afterAll(async () => {
  await platform.stop()
  await executor.stop()
})

interface JobPayload {
  cursor: string
  state: string
  progress: number
  job?: { name: string; project: { name: string } }
}

const jobProgress = `subscription Progress($id: ID!, $after: String) {
  jobProgress(jobId: $id, after: $after) { cursor state progress }
}`
const aJob = (state = 'QUEUED') => platform.world.addJob(newId(), project, state)

test('a job is told as it is, then as it changes, to its end', async () => {
  const job = aJob()
  const got = subscribe<JobPayload>(platform.client(ada), jobProgress, { id: job.id })
  await got.until('the snapshot', (payloads) => payloads.length === 1)

  await executor.move(job, 'PREPARING')
  await executor.move(job, 'RUNNING')
  await got.until('RUNNING', (payloads) => payloads.at(-1)?.state === 'RUNNING')
  executor.progress(job, 0.5)
  await got.until('half', (payloads) => payloads.at(-1)?.progress === 0.5)
  executor.progress(job, 0.4)
  await executor.move(job, 'COLLECTING')
  await executor.move(job, 'SUCCEEDED')

  await waitUntil('the subscription to end', got.isComplete)
  expect(got.payloads.map(({ state, progress }) => `${state} ${progress}`)).toEqual([
    'QUEUED 0',
    'PREPARING 0',
    'RUNNING 0',
    'RUNNING 0.5',
    'COLLECTING 0.5',
    'SUCCEEDED 1',
  ])
})

test('a waiting job’s place is told from the snapshot on, as it changes, after a cut, and not once it has left the queue', async () => {
  const query = `subscription($id: ID!, $after: String) {
    jobProgress(jobId: $id, after: $after) { cursor state queuePlace waitingFor estimatedStart } }`
  interface Payload {
    cursor: string
    state: string
    queuePlace: number | null
    waitingFor: string | null
    estimatedStart: string | null
  }
  const told = ({ payloads }: { payloads: readonly Payload[] }) =>
    payloads.map(({ state, queuePlace, waitingFor }) => `${state} ${queuePlace} ${waitingFor}`)
  const watch = (after?: string) => subscribe<Payload>(platform.client(ada), query, { id: job.id, after })
  const job = aJob()
  executor.queue(job, 3, '2 jobs before it', new Date('2026-11-24T12:00:00Z'))
  const first = watch()
  await first.until('the snapshot', (payloads) => payloads.length === 1)
  executor.queue(job, 2, '1 job before it')
  await first.until('place 2', (payloads) => payloads.at(-1)?.queuePlace === 2)
  first.stop()
  executor.queue(job, 1, 'a CPU slot', new Date('2026-11-24T11:00:00Z'))

  const second = watch(first.payloads.at(-1)?.cursor)
  await second.until('place 1', (payloads) => payloads.at(-1)?.queuePlace === 1)
  await executor.move(job, 'PREPARING')
  await second.until('PREPARING', (payloads) => payloads.at(-1)?.state === 'PREPARING')
  executor.queue(job, 7, 'late news')
  await executor.move(job, 'FAILED')
  await waitUntil('the subscription to end', second.isComplete)

  expect(told(first)).toEqual(['QUEUED 3 2 jobs before it', 'QUEUED 2 1 job before it'])
  expect(first.payloads.map(({ estimatedStart }) => estimatedStart)).toEqual([
    '2026-11-24T12:00:00.000Z',
    null,
  ])
  expect(told(second)).toEqual(['QUEUED 1 a CPU slot', 'PREPARING null null', 'FAILED null null'])
  expect(second.payloads[0]?.estimatedStart).toBe('2026-11-24T11:00:00.000Z')
})

test('a job that was requested and has not reached the executor yet is waited for', async () => {
  const id = newId()
  const askedBefore = platform.world.asked.get('job') ?? 0
  const got = subscribe<JobPayload>(platform.client(ada), jobProgress, { id })
  await waitUntil('the first question', () => (platform.world.asked.get('job') ?? 0) > askedBefore)
  const job = platform.world.addJob(id, project)
  await got.until('the snapshot', (payloads) => payloads.length === 1)
  await executor.move(job, 'SUCCEEDED')
  await waitUntil('the subscription to end', got.isComplete)
  expect(got.payloads.map(({ state }) => state)).toEqual(['QUEUED', 'SUCCEEDED'])
})

test('payloads are completed with fields of other services', async () => {
  const job = aJob('RUNNING')
  const query = `subscription($id: ID!, $yes: Boolean!) { jobProgress(jobId: $id) { now: state job { ...J } } }
    fragment J on Job { what: state model @include(if: $yes) project { name } }`

  const got = subscribe<unknown>(platform.client(ada), query, { id: job.id, yes: true })

  await got.until('the snapshot', (payloads) => payloads.length === 1)
  expect(got.payloads[0]).toEqual({
    now: 'RUNNING',
    job: { what: 'RUNNING', model: `model of ${job.id}`, project: { name: `project ${project}` } },
  })
  got.stop()
})

test('a client that was cut off again and again while events come misses none and gets none twice', async () => {
  const projectId = newId()
  const token = platform.world.signIn('rosa', { [projectId]: 'VIEWER' })
  const query =
    'subscription($id: ID!, $after: String) { projectEvents(projectId: $id, after: $after) { cursor id } }'
  const said: string[] = []
  const heard: { cursor: string; id: string }[] = []
  const emit = async () => {
    const event = { projectId, jobId: newId(), from: '', to: 'QUEUED' }
    said.push(await executor.say(JobStateChangedSchema, event))
  }
  const start = new Date().toISOString()

  const speaking = (async () => {
    for (let i = 0; i < 120; i++) await emit()
  })()
  for (let cut = 0; cut < 6; cut++) {
    const got = subscribe<{ cursor: string; id: string }>(platform.client(token), query, {
      id: projectId,
      after: heard.at(-1)?.cursor ?? start,
    })
    await got.until(`some events after cut ${cut}`, (payloads) => payloads.length > 8)
    heard.push(...got.payloads)
    got.stop()
  }
  await speaking
  const rest = subscribe<{ cursor: string; id: string }>(platform.client(token), query, {
    id: projectId,
    after: heard.at(-1)?.cursor,
  })
  await waitUntil('the last event', () => heard.length + rest.payloads.length >= said.length)
  heard.push(...rest.payloads)

  expect(heard.map(({ id }) => id)).toEqual(said)
})

test('a resumed job tells what was missed and not what was had', async () => {
  const job = aJob('QUEUED')
  const first = subscribe<JobPayload>(platform.client(ada), jobProgress, { id: job.id })
  await executor.move(job, 'PREPARING')
  await first.until('PREPARING', (payloads) => payloads.at(-1)?.state === 'PREPARING')
  first.stop()
  await executor.move(job, 'RUNNING')
  executor.progress(job, 0.3)
  await executor.move(job, 'COLLECTING')

  const after = first.payloads.at(-1)?.cursor
  const second = subscribe<JobPayload>(platform.client(ada), jobProgress, { id: job.id, after })
  await second.until('COLLECTING', (payloads) => payloads.at(-1)?.state === 'COLLECTING')
  await executor.move(job, 'FAILED')
  await waitUntil('the subscription to end', second.isComplete)

  expect(second.payloads.map(({ state }) => state).filter((state, i, all) => state !== all[i - 1])).toEqual([
    'RUNNING',
    'COLLECTING',
    'FAILED',
  ])
  const third = subscribe(platform.client(ada), jobProgress, {
    id: job.id,
    after: second.payloads.at(-1)?.cursor,
  })
  await waitUntil('a subscription behind the end to end at once', third.isComplete)
  expect(third.payloads).toEqual([])
})

test('a job that starts again after the loss of its machine is followed to its end, from a cursor of before, too', async () => {
  const job = aJob('PREPARING')
  const first = subscribe<JobPayload>(platform.client(ada), jobProgress, { id: job.id })
  await executor.move(job, 'RUNNING')
  executor.progress(job, 0.6)
  await first.until('more than half', (payloads) => payloads.at(-1)?.progress === 0.6)
  const after = first.payloads.at(-1)?.cursor
  await executor.move(job, 'QUEUED')
  await first.until('QUEUED', (payloads) => payloads.at(-1)?.state === 'QUEUED')
  const second = subscribe<JobPayload>(platform.client(ada), jobProgress, { id: job.id, after })
  for (const state of ['PREPARING', 'RUNNING', 'COLLECTING', 'SUCCEEDED']) await executor.move(job, state)

  await waitUntil('both to end', () => first.isComplete() && second.isComplete())
  const again = ['QUEUED 0.6', 'PREPARING 0.6', 'RUNNING 0.6', 'COLLECTING 0.6', 'SUCCEEDED 1']
  const told = (payloads: readonly JobPayload[]) =>
    payloads.map(({ state, progress }) => `${state} ${progress}`)
  expect(told(second.payloads)).toEqual(again)
  expect(told(first.payloads).slice(-again.length)).toEqual(again)
})

test('a restart of the gateway loses nothing: the cursor holds', async () => {
  const own = await startTestPlatform()
  try {
    const job = own.world.addJob(newId(), project, 'QUEUED')
    const token = own.world.signIn('ada', { [project]: 'VIEWER' })
    const first = subscribe<JobPayload>(own.client(token), jobProgress, { id: job.id })
    await first.until('the snapshot', (payloads) => payloads.length === 1)
    await own.restartGateway()
    await executor.move(job, 'PREPARING')
    await executor.move(job, 'RUNNING')

    const after = first.payloads[0]?.cursor
    const second = subscribe<JobPayload>(own.client(token), jobProgress, { id: job.id, after })
    await second.until('RUNNING', (payloads) => payloads.at(-1)?.state === 'RUNNING')

    expect(second.payloads.map(({ state }) => state)).toEqual(['PREPARING', 'RUNNING'])
  } finally {
    await own.stop()
  }
})

test('a log comes whole, from where the client stopped, to its end', async () => {
  const job = aJob('RUNNING')
  const query = `subscription($id: ID!, $after: String) { jobLog(jobId: $id, after: $after) { cursor text offset nextOffset } }`
  interface LogPayload {
    cursor: string
    text: string
    offset: number
    nextOffset: number
  }
  const textOf = (payloads: readonly LogPayload[]) => payloads.map(({ text }) => text).join('')
  executor.log(job, 'epoch 1: größer\n')
  const first = subscribe<LogPayload>(platform.client(ada), query, { id: job.id })
  await first.until('the beginning', (payloads) => textOf(payloads) === job.log)
  executor.log(job, 'epoch 2\n')
  await first.until('the second line', (payloads) => textOf(payloads) === job.log)
  first.stop()

  executor.log(job, 'epoch 3\n')
  const second = subscribe<LogPayload>(platform.client(ada), query, {
    id: job.id,
    after: first.payloads.at(-1)?.cursor,
  })
  for (let line = 4; line < 200; line++) executor.log(job, `epoch ${line}\n`)
  job.log += 'a line that telemetry lost\n'
  executor.log(job, 'the end\n')
  await executor.move(job, 'SUCCEEDED')

  await waitUntil('the log to end', second.isComplete)
  expect(textOf(first.payloads) + textOf(second.payloads)).toBe(job.log)
  const [all] = [[...first.payloads, ...second.payloads].filter(({ text }) => text)]
  for (const [i, { offset }] of all.entries()) expect(offset).toBe(all[i - 1]?.nextOffset ?? 0)
})

test('a log tells what was printed where, and one stream of it when asked', async () => {
  const job = aJob('RUNNING')
  interface LogPayload {
    text: string
    nextOffset: number
    pieces: { stream: string; offset: number; text: string }[]
  }
  const query = `subscription($id: ID!, $stream: LogStream) {
    jobLog(jobId: $id, stream: $stream) { text nextOffset pieces { stream offset text } } }`
  executor.log(job, 'epoch 1\n')
  executor.log(job, 'Wärnung\n', 'STDERR')
  const both = subscribe<LogPayload>(platform.client(ada), query, { id: job.id })
  const errors = subscribe<LogPayload>(platform.client(ada), query, { id: job.id, stream: 'STDERR' })
  await both.until('the beginning', (payloads) => payloads.length > 0)
  await errors.until('the beginning', (payloads) => payloads.length > 0)
  for (let line = 2; line < 20; line++) executor.log(job, `epoch ${line}\n`)
  executor.log(job, 'Traceback\n', 'STDERR')
  await executor.move(job, 'FAILED')
  await waitUntil('both to end', () => both.isComplete() && errors.isComplete())

  expect(both.payloads.flatMap(({ pieces }) => pieces)).toEqual(job.pieces)
  expect(both.payloads.map(({ text }) => text).join('')).toBe(job.log)
  expect(errors.payloads.map(({ text }) => text).join('')).toBe('Wärnung\nTraceback\n')
  expect(errors.payloads.at(-1)?.nextOffset).toBe(Buffer.byteLength(job.log))
})

test('of what a job uses the newest is told, from the snapshot on to the end of the job', async () => {
  const job = aJob('RUNNING')
  const query = `subscription($id: ID!, $after: String) {
    jobResources(jobId: $id, after: $after) { cursor measuredAt cores: cpuCores memoryBytes memoryLimitBytes processes gpus { uuid } } }`
  interface ResourcesPayload {
    cursor: string
    cores: number
    memoryBytes: number
  }
  executor.uses(job, 0.5)
  const first = subscribe<ResourcesPayload>(platform.client(ada), query, { id: job.id })
  await first.until('the snapshot', (payloads) => payloads.at(-1)?.cores === 0.5)
  executor.uses(job, 1.7)
  await first.until('the next', (payloads) => payloads.at(-1)?.cores === 1.7)
  expect(first.payloads.at(-1)).toMatchObject({ memoryBytes: 1_000, memoryLimitBytes: null, gpus: [] })
  first.stop()

  const after = first.payloads.at(-1)?.cursor
  const second = subscribe<ResourcesPayload>(platform.client(ada), query, { id: job.id, after })
  await waitUntil('more that is new', () => {
    executor.uses(job, 0.25)
    return second.payloads.length > 0
  })
  expect(second.payloads[0]?.cores).toBe(0.25)
  await executor.move(job, 'SUCCEEDED')
  await waitUntil('the subscription to end', second.isComplete)
})

test('logged numbers come once each, also when snapshot and news overlap and after a cut', async () => {
  const job = aJob('RUNNING')
  const query = `subscription($id: ID!, $after: String) {
    jobScalars(jobId: $id, tags: ["loss"], after: $after) { cursor scalars { tag step value } } }`
  interface ScalarsPayload {
    cursor: string
    scalars: { tag: string; step: number; value: number }[]
  }
  for (let step = 0; step < 5; step++) executor.scalar(job, 'loss', step, 1 / (step + 1))
  executor.scalar(job, 'rate', 0, 0.1)
  const first = subscribe<ScalarsPayload>(platform.client(ada), query, { id: job.id })
  for (let step = 5; step < 20; step++) executor.scalar(job, 'loss', step, 1 / (step + 1))
  const stepsOf = (payloads: readonly ScalarsPayload[]) =>
    payloads.flatMap(({ scalars }) => scalars.map(({ step }) => step))
  await first.until('step 19', (payloads) => stepsOf(payloads).at(-1) === 19)
  first.stop()
  for (let step = 20; step < 30; step++) executor.scalar(job, 'loss', step, 1 / (step + 1))

  const after = first.payloads.at(-1)?.cursor
  const second = subscribe<ScalarsPayload>(platform.client(ada), query, { id: job.id, after })
  for (let step = 30; step < 40; step++) executor.scalar(job, 'loss', step, 1 / (step + 1))
  await executor.move(job, 'SUCCEEDED')

  await waitUntil('the numbers to end', second.isComplete)
  expect([...stepsOf(first.payloads), ...stepsOf(second.payloads)]).toEqual(
    Array.from({ length: 40 }, (_, i) => i),
  )
})

test('clients who resume from different numbers each get what they lack', async () => {
  const job = aJob('RUNNING')
  const query = `subscription($id: ID!, $after: String) {
    jobScalars(jobId: $id, after: $after) { cursor scalars { tag step } } }`
  interface ScalarsPayload {
    cursor: string
    scalars: { tag: string; step: number }[]
  }
  const watch = (after?: string) =>
    subscribe<ScalarsPayload>(platform.client(ada), query, { id: job.id, after })
  const cursorAt = async () => {
    const got = watch()
    await got.until('the numbers so far', (payloads) => payloads.length > 0)
    got.stop()
    return got.payloads.at(-1)?.cursor
  }
  const say = (tag: string, step: number) => job.scalars.push({ tag, step, value: 1, wallTime: step })
  // one has a and b, the other a and c; both lack three numbers that begin and end alike
  for (const tag of ['a', 'b']) say(tag, 0)
  const hasB = await cursorAt()
  job.scalars.pop()
  say('c', 0)
  const hasC = await cursorAt()
  say('b', 0)
  job.scalars.sort((one, other) => one.tag.localeCompare(other.tag))
  say('a', 1)
  say('z', 9)
  job.scalars.unshift({ tag: 'y', step: -1, value: 1, wallTime: -1 })

  const [first, second] = [watch(hasB), watch(hasC)]
  for (const one of [first, second]) await one.until('the rest', (payloads) => payloads.length === 1)
  const tags = ({ payloads }: typeof first) => payloads[0]?.scalars.map(({ tag }) => tag).join('')

  expect([tags(first), tags(second)]).toEqual(['ycaz', 'ybaz'])
  for (const one of [first, second]) one.stop()
})

test('a model’s stages come once each, those before and those after the start', async () => {
  const modelId = newId()
  const speaker = await aSpeaker('model')
  const add = async (stageId: string) => {
    platform.world.stages.set(stageId, { modelId, name: stageId })
    await speaker.say(ModelStageAddedSchema, { projectId: project, modelId, stageId })
  }
  const query = `subscription($id: ID!, $after: String) { modelStages(modelId: $id, after: $after) { cursor stage { id name } } }`
  interface StagePayload {
    cursor: string
    stage: { id: string; name: string }
  }
  try {
    await add('e10')
    await add('e20')
    const first = subscribe<StagePayload>(platform.client(ada), query, { id: modelId })
    await first.until('the snapshot', (payloads) => payloads.length === 2)
    first.stop()
    await add('e30')
    // resumes in the middle of the snapshot, and behind it
    for (const [i, expected] of [
      ['e20', 'e30', 'e40'],
      ['e30', 'e40'],
    ].entries()) {
      const second = subscribe<StagePayload>(platform.client(ada), query, {
        id: modelId,
        after: first.payloads[i]?.cursor,
      })
      await second.until('the third', (payloads) => payloads.some(({ stage }) => stage.id === 'e30'))
      if (i === 0) await add('e40')
      await second.until('the fourth', (payloads) => payloads.some(({ stage }) => stage.id === 'e40'))
      expect(second.payloads.map(({ stage }) => stage.name)).toEqual(expected.map((id) => `stage ${id}`))
      if (i === 1) {
        await speaker.say(ModelStateChangedSchema, { projectId: project, modelId, state: 'READY', name: 'm' })
        await waitUntil('the subscription to end', second.isComplete)
      }
    }
  } finally {
    await speaker.stop()
  }
})

const executorImageProgress = `subscription Pull($id: ID!, $after: String) {
  executorImageProgress(executorImageId: $id, after: $after) {
    cursor state progress problem { code advice } executorImage { id }
  }
}`

interface PullPayload {
  cursor: string
  state: string
  progress: number
  problem: { code: string; advice: string } | null
  executorImage: { id: string }
}

test('the pull of an executor image is told to its end, and what was missed after a cut', async () => {
  const id = newId()
  const image = { id, state: 'PULLING' as const, progress: 0.1 }
  platform.world.executorImages.set(id, image)
  const about = { projectId: 'platform', executorImageId: id }
  const first = subscribe<PullPayload>(platform.client(ada), executorImageProgress, { id })
  await first.until('the snapshot', (payloads) => payloads.length === 1)
  executor.bus.telemetry(ExecutorImagePulledSchema, { ...about, progress: 0.5 })
  await first.until('half', (payloads) => payloads.at(-1)?.progress === 0.5)
  executor.bus.telemetry(ExecutorImagePulledSchema, { ...about, progress: 0.4 })
  first.stop()

  const problem = { code: 'PULL_FAILED', message: 'unauthorized', advice: 'set credentials' }
  await executor.say(ExecutorImageStateChangedSchema, { ...about, name: 'yolo', state: 'FAILED', problem })
  platform.world.executorImages.set(id, { ...image, state: 'FAILED' })
  const after = first.payloads.at(-1)?.cursor
  const second = subscribe<PullPayload>(platform.client(ada), executorImageProgress, { id, after })
  await waitUntil('the subscription to end', second.isComplete)
  const told = [...first.payloads, ...second.payloads]
  expect(told.map(({ state, progress }) => `${state} ${progress}`)).toEqual([
    ...['PULLING 0.1', 'PULLING 0.5', 'FAILED 0.5'],
  ])
  expect(told.at(-1)).toMatchObject({
    problem: { code: 'PULL_FAILED', advice: 'set credentials' },
    executorImage: { id },
  })
})

test('equal subscribers share one question to the graph', async () => {
  const job = aJob('RUNNING')
  const query = `subscription($id: ID!) { jobProgress(jobId: $id) { progress job { model } } }`
  const all = Array.from({ length: 20 }, () =>
    subscribe<JobPayload>(platform.client(ada), query, { id: job.id }),
  )
  for (const one of all) await one.until('the snapshot', (payloads) => payloads.length === 1)
  const before = platform.world.asked.get('model of job') ?? 0

  executor.progress(job, 0.7)
  for (const one of all) await one.until('progress', (payloads) => payloads.at(-1)?.progress === 0.7)

  expect((platform.world.asked.get('model of job') ?? 0) - before).toBe(1)
  for (const one of all) one.stop()
})

test('a subscription that is not theirs, not there or not well asked for says so', async () => {
  const job = aJob()
  const eve = platform.client(platform.world.signIn('eve'))
  const codeOf = async (query: string, variables: Record<string, unknown>, client = eve) => {
    const got = subscribe(client, query, variables)
    await waitUntil('an error', got.failure)
    return (got.failure() as { extensions: { code: string } }[])[0]?.extensions.code
  }

  expect(await codeOf(jobProgress, { id: job.id })).toBe('FORBIDDEN')
  expect(await codeOf(jobProgress, { id: newId() })).toBe('NOT_FOUND')
  expect(await codeOf(executorImageProgress, { id: newId() })).toBe('NOT_FOUND')
  expect(await codeOf(jobProgress, { id: job.id, after: 'nonsense' })).toBe('BAD_USER_INPUT')
  expect(await codeOf('subscription { nothing }', {})).toBe('GRAPHQL_VALIDATION_FAILED')
  expect(await codeOf('subscription {', {})).toBe('GRAPHQL_PARSE_FAILED')
  expect(await codeOf('{ viewer { id } }', {})).toBe('BAD_REQUEST')
})
