import { JobStateChangedSchema } from '@ymir/proto-events'
import { waitUntil } from '@ymir/service'
import { afterEach, expect, test } from 'vitest'
import { aSpeaker, newId, type TestSpeaker } from '../testing/events.ts'
import { anOwnNats, type OwnNats } from '../testing/nats-server.ts'
import { startTestPlatform, type TestPlatform } from '../testing/platform.ts'
import { subscribe } from '../testing/received.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

interface EventPayload {
  cursor: string
  id: string
}

const query =
  'subscription($id: ID!, $after: String) { projectEvents(projectId: $id, after: $after) { cursor id } }'

async function aWatchedProject() {
  const nats: OwnNats = await anOwnNats()
  closing.push(nats.stop)
  const platform: TestPlatform = await startTestPlatform({ natsUrl: nats.url })
  closing.push(platform.stop)
  const speaker: TestSpeaker = await aSpeaker('executor', nats.url)
  closing.push(speaker.stop)
  const projectId = newId()
  const token = platform.world.signIn('ada', { [projectId]: 'VIEWER' })
  const watch = (after?: string) =>
    subscribe<EventPayload>(platform.client(token), query, { id: projectId, after })
  const said: string[] = []
  const say = async (count: number) => {
    for (let i = 0; i < count; i++)
      said.push(await speaker.say(JobStateChangedSchema, { projectId, jobId: newId(), to: 'QUEUED' }))
  }
  return { nats, watch, said, say, start: new Date().toISOString() }
}

test('nats-server is killed in the middle: every event comes, none twice', async () => {
  const { nats, watch, said, say, start } = await aWatchedProject()
  const live = watch(start)
  await say(20)
  await live.until('the first events', (payloads) => payloads.length > 5)

  const saying = say(40)
  await nats.kill()
  await say(20)
  await nats.start()
  await saying
  await say(10)

  await live.until('the last event', (payloads) => payloads.length >= said.length, 25_000)
  expect(live.payloads.map(({ id }) => id).sort()).toEqual([...said].sort())
}, 60_000)

test('nats-server loses its files: open and resumed subscriptions hear what they had not, and nothing again', async () => {
  const { nats, watch, said, say, start } = await aWatchedProject()
  const live = watch(start)
  const away = watch(start)
  await say(15)
  for (const one of [live, away]) await one.until('the first events', (payloads) => payloads.length === 15)
  away.stop()

  await nats.kill()
  await say(10)
  nats.loseFiles()
  await nats.start()
  await say(5)

  await live.until('the last event', (payloads) => payloads.length >= said.length, 25_000)
  const back = watch(away.payloads.at(-1)?.cursor)
  await back.until('what was missed', (payloads) => payloads.length >= 15, 15_000)
  // an event more would be one heard twice: the next one comes behind all that was published again
  await say(1)
  for (const one of [live, back])
    await waitUntil('the newest', () => one.payloads.some(({ id }) => id === said.at(-1)))

  expect(live.payloads.map(({ id }) => id).sort()).toEqual([...said].sort())
  expect(back.payloads.map(({ id }) => id).sort()).toEqual(said.slice(15).sort())
}, 90_000)
