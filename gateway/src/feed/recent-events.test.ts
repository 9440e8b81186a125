import type { FeedEvent } from '@ymir/bus'
import { expect, test } from 'vitest'
import { RecentEvents } from './recent-events.ts'

const anEvent = (sequence: number, subject: string): FeedEvent => ({
  ...{ sequence, data: {}, bytes: 1 },
  envelope: { id: '', type: '', source: '', time: '', subject, projectId: 'p', actorId: '' },
})

test('a quiet topic that is listened to loses nothing when others fill the room; its own haste does', () => {
  const recent = new RecentEvents({ events: 10, bytes: 1_000 })
  const [quiet, other] = [{ entityId: 'quiet' }, { entityId: 'other' }]
  recent.listen(quiet, () => {})
  for (let sequence = 1; sequence <= 50; sequence++) recent.add(anEvent(sequence, 'loud'))

  expect([recent.floorOf(quiet), recent.floorOf(other), recent.floor]).toEqual([0, 40, 40])

  for (let sequence = 51; sequence <= 65; sequence++) recent.add(anEvent(sequence, 'quiet'))

  expect(recent.floorOf(quiet)).toBe(55)
  expect(recent.after(quiet, 55)?.sequence).toBe(56)
})

test('a topic that nobody listened to is only as old as the room', () => {
  const recent = new RecentEvents({ events: 10, bytes: 1_000 })
  for (let sequence = 1; sequence <= 50; sequence++) recent.add(anEvent(sequence, 'loud'))
  const stop = recent.listen({ entityId: 'quiet' }, () => {})
  for (let sequence = 51; sequence <= 70; sequence++) recent.add(anEvent(sequence, 'loud'))
  expect(recent.floorOf({ entityId: 'quiet' })).toBe(40)

  stop()
  expect(recent.floorOf({ entityId: 'quiet' })).toBe(60)
  recent.restart(100)
  expect(recent.floorOf({ entityId: 'quiet' })).toBe(100)
})
