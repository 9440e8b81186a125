import { connectToNats, type EventFeed, type FeedEvent } from '@ymir/bus'
import { encodeEvent, JobStateChangedSchema, subjectOf, typeOf } from '@ymir/proto-events'
import { waitUntil } from '@ymir/service'
import { headers, type NatsConnection } from 'nats'
import { expect, test, vi } from 'vitest'
import { Bell } from '../subscription/bell.ts'
import { newId } from '../testing/events.ts'
import { Facts } from './facts.ts'
import type { RecentEvents } from './recent-events.ts'

const natsUrl = process.env.YMIR_TEST_NATS_URL ?? ''

test('an event that comes while a reader finds none is there at its next look', async () => {
  const facts = new Facts({ natsUrl })
  // the place where the feed puts events: only so can one be put between two steps of the reader
  const { recent } = facts as unknown as { recent: RecentEvents }
  try {
    const topic = { entityId: newId() }
    const reader = facts.read(topic, await facts.now())
    for (let steps = 0; steps < 8; steps++) {
      const event = anEvent(recent.end + 1, topic.entityId)
      const first = reader.next()
      for (let step = 0; step < steps; step++) await Promise.resolve()
      recent.add(event)

      expect((await first) ?? (await reader.next())).toBe(event)
    }
  } finally {
    await facts.stop()
  }
})

test('readers of many topics at once miss nothing, whenever events come', async () => {
  const facts = new Facts({ natsUrl })
  const nats = await connectToNats(natsUrl, 'facts test')
  const projectId = newId()
  const readers = Array.from({ length: 100 }, () => ({ jobId: newId(), heard: [] as string[] }))
  const said = new Map<string, string[]>(readers.map(({ jobId }) => [jobId, []]))
  let reading = true
  const bells: Bell[] = []
  try {
    const start = await facts.now()
    for (const { jobId, heard } of readers) {
      const topic = { entityId: jobId }
      const reader = facts.read(topic, start)
      const bell = new Bell()
      bells.push(bell)
      facts.listen(topic, bell.ring)
      void (async () => {
        while (reading) {
          for (let fact = await reader.next(); fact; fact = await reader.next()) heard.push(fact.envelope.id)
          await bell.rings()
        }
      })()
    }
    for (let round = 0; round < 200; round++) {
      for (const { jobId } of readers) {
        const id = newId()
        said.get(jobId)?.push(id)
        publish(nats, { id, projectId, jobId })
      }
      if (round % 3 === 0) await nats.flush()
    }
    const last = readers.at(-1)!
    await waitUntil('the last event', () => last.heard.at(-1) === said.get(last.jobId)?.at(-1))
    await waitUntil('all events', () => readers.every(({ heard }) => heard.length >= 200), {
      timeoutMs: 3_000,
    }).catch(() => {}) // what is missing is said below

    for (const { jobId, heard } of readers) expect(heard).toEqual(said.get(jobId))
  } finally {
    reading = false
    for (const bell of bells) bell.ring()
    await nats.close()
    await facts.stop()
  }
})

test('since a time: what memory holds is read from there, and a clock that is fast misses nothing from now on', async () => {
  const facts = new Facts({ natsUrl })
  const { recent, feed } = facts as unknown as { recent: RecentEvents; feed: EventFeed }
  try {
    await facts.now()
    const asked = vi.spyOn(feed, 'find')
    const topic = { entityId: newId() }
    const add = (time: number) => {
      const event = anEvent(recent.end + 1, topic.entityId, time)
      recent.add(event)
      return event
    }
    const start = Date.now() + 1
    await waitUntil('a later millisecond', () => Date.now() > start + 2)
    add(start)
    const second = add(start + 1)
    const reader = facts.read(topic, await facts.since(start + 1))
    const ofTheFuture = facts.read(topic, await facts.since(Date.now() + 3_600_000))

    expect(await reader.next()).toBe(second)
    expect(await ofTheFuture.next()).toBeUndefined()
    const third = add(Date.now())
    expect(await reader.next()).toBe(third)
    expect(await ofTheFuture.next()).toBe(third)
    expect(asked).not.toHaveBeenCalled()
  } finally {
    await facts.stop()
  }
})

function anEvent(sequence: number, subject: string, time = Date.now()): FeedEvent {
  const type = typeOf(JobStateChangedSchema)
  const envelope = { id: newId(), type, source: '/ymir/executor', subject, projectId: 'p', actorId: '' }
  return { sequence, envelope: { ...envelope, time: new Date(time).toISOString() }, data: {}, bytes: 2 }
}

function publish(
  nats: NatsConnection,
  { id, projectId, jobId }: Record<'id' | 'projectId' | 'jobId', string>,
) {
  const sent = headers()
  const envelope = { id, type: typeOf(JobStateChangedSchema), source: '/ymir/executor', subject: jobId }
  for (const [name, value] of Object.entries({
    ...envelope,
    projectid: projectId,
    time: new Date().toISOString(),
  }))
    sent.set(`ce-${name}`, value)
  const data = JSON.stringify(encodeEvent(JobStateChangedSchema, { projectId, jobId, to: 'QUEUED' }))
  nats.publish(subjectOf('executor', JobStateChangedSchema, projectId, jobId), data, { headers: sent })
}
