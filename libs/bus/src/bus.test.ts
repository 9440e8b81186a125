import { randomUUID } from 'node:crypto'
import { openTestDatabase } from '@ymir/database'
import {
  JobStateChangedSchema,
  JobProgressedSchema,
  ModelStateChangedSchema,
  TrainingRequestedSchema,
} from '@ymir/proto-events'
import { waitUntil } from '@ymir/service'
import { afterEach, expect, test } from 'vitest'
import { busMigrations, connectToNats, EVENTS_STREAM, openBus, type Bus } from './index.ts'

const natsUrl = process.env.YMIR_TEST_NATS_URL ?? ''
const closing: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A service with its own schema on the tests' PostgreSQL and nats-server. */
async function aService(service: string, listen: (bus: Bus) => void = () => {}) {
  const { database, close } = await openTestDatabase(`bus_${service}`, {
    entities: [],
    migrations: busMigrations,
  })
  closing.push(close)
  const bus = await openBus({ service, natsUrl, database })
  closing.push(() => bus.stop())
  listen(bus)
  await bus.start()
  return { database, bus }
}

const aJobSucceeded = () => ({
  projectId: randomUUID(),
  jobId: randomUUID(),
  from: 'COLLECTING',
  to: 'SUCCEEDED',
})

test('an event is heard once by every service that handles it', async () => {
  const heard: string[] = []
  const hears = (who: string) => (bus: Bus) =>
    bus.handle(JobStateChangedSchema, ({ jobId, to }) => {
      heard.push(`${who} ${jobId} ${to}`)
      return Promise.resolve()
    })
  const { database, bus } = await aService('executor')
  await aService('model', hears('model'))
  await aService('mining', hears('mining'))
  const job = aJobSucceeded()

  await database.transaction((manager) => bus.emit(manager, JobStateChangedSchema, job))
  const last = aJobSucceeded()
  await database.transaction((manager) => bus.emit(manager, JobStateChangedSchema, last))

  await waitUntil(
    'both to hear the last event',
    () => heard.filter((one) => one.includes(last.jobId)).length === 2,
  )
  expect(heard.filter((one) => one.includes(job.jobId)).sort()).toEqual([
    `mining ${job.jobId} SUCCEEDED`,
    `model ${job.jobId} SUCCEEDED`,
  ])
})

test('what is rolled back is not said', async () => {
  const heard: string[] = []
  const { database, bus } = await aService('executor')
  await aService('model', (listener) =>
    listener.handle(JobStateChangedSchema, ({ jobId }) => Promise.resolve(void heard.push(jobId))),
  )
  const undone = aJobSucceeded()
  const done = aJobSucceeded()

  const failing = database.transaction(async (manager) => {
    await bus.emit(manager, JobStateChangedSchema, undone)
    throw new Error('changed my mind')
  })
  await expect(failing).rejects.toThrow('changed my mind')
  await database.transaction((manager) => bus.emit(manager, JobStateChangedSchema, done))

  await waitUntil('the committed event', () => heard.includes(done.jobId))
  expect(heard).not.toContain(undone.jobId)
})

test('a handler that throws leaves nothing behind and is called again', async () => {
  const { database, bus } = await aService('executor')
  const job = aJobSucceeded()
  let calls = 0
  const listener = await aService('model', (hearing) =>
    hearing.handle(JobStateChangedSchema, async ({ jobId, projectId }, { manager }) => {
      if (jobId !== job.jobId) return
      await hearing.emit(manager, ModelStateChangedSchema, { projectId, modelId: jobId, state: 'READY' })
      calls += 1
      if (calls === 1) throw new Error('the first time goes wrong')
    }),
  )

  await database.transaction((manager) => bus.emit(manager, JobStateChangedSchema, job))

  await waitUntil('the second call', () => calls === 2)
  const said = () => listener.database.query(`select * from outbox where entity_id = $1`, [job.jobId])
  await waitUntil('the effect', async () => (await said()).length > 0)
  expect(await said()).toHaveLength(1)
})

test('what a killed process had taken and not handled is soon heard by the next one, before what came later', async () => {
  const { database, bus } = await aService('executor')
  const say = async () => {
    const job = aJobSucceeded()
    await database.transaction((manager) => bus.emit(manager, JobStateChangedSchema, job))
    return job.jobId
  }
  const { database: own, close } = await openTestDatabase('bus_model', {
    entities: [],
    migrations: busMigrations,
  })
  closing.push(close)
  const heard: string[] = []
  const listen = async () => {
    const listener = await openBus({ service: 'model', natsUrl, database: own })
    listener.handle(JobStateChangedSchema, ({ jobId }) => Promise.resolve(void heard.push(jobId)))
    await listener.start()
    return listener
  }
  const first = await listen()
  const before = await say()
  await waitUntil('the process to listen', () => heard.includes(before))
  await first.stop()

  const nats = await connectToNats(natsUrl, 'the process that is killed')
  closing.push(() => nats.close())
  const { schema } = own.options as { schema: string } // of the tests' database
  const consumer = await nats.jetstream().consumers.get(EVENTS_STREAM, schema)
  const taken = await say()
  expect((await consumer.next())?.json()).toMatchObject({ jobId: taken })
  const later = await say()

  const second = await listen()
  closing.push(() => second.stop())
  await waitUntil('both events', () => heard.includes(taken) && heard.includes(later))
  expect(heard.slice(heard.indexOf(before) + 1)).toEqual([taken, later])
})

test('events of one entity are heard in the order in which they became true', async () => {
  const heard: string[] = []
  const { database, bus } = await aService('executor')
  const job = aJobSucceeded()
  await aService('model', (listener) =>
    listener.handle(JobStateChangedSchema, ({ jobId, to }) => {
      if (jobId === job.jobId) heard.push(to)
      return Promise.resolve()
    }),
  )
  const order = Array.from({ length: 300 }, (_, index) => `STATE_${index}`)

  for (const to of order)
    await database.transaction((manager) => bus.emit(manager, JobStateChangedSchema, { ...job, to }))

  await waitUntil('all 300', () => heard.length >= 300)
  expect(heard).toEqual(order)
})

test('telemetry does not go through the outbox, and facts are no telemetry', async () => {
  const { database, bus } = await aService('executor')
  const job = aJobSucceeded()

  const asFact = database.transaction((manager) =>
    bus.emit(manager, JobProgressedSchema, { ...job, progress: 0.5 }),
  )

  await expect(asFact).rejects.toThrow('is telemetry')
  expect(() => bus.telemetry(JobStateChangedSchema, job)).toThrow('is no telemetry')
})

test('a service says only what its contract lets it say', async () => {
  const { database, bus } = await aService('executor')
  const request = { projectId: randomUUID(), modelId: randomUUID() }

  const speaking = database.transaction((manager) => bus.emit(manager, TrainingRequestedSchema, request))

  await expect(speaking).rejects.toThrow('executor may not write')
})
