import { expect, test } from 'vitest'
import { levelOf, wallOf } from './wall.ts'

const nothing = { versions: [], models: [], miningTasks: [], answers: [] }

test('the wall ends today, begins on a Sunday, and has 53 weeks', () => {
  const tuesday = new Date('2026-11-24T23:59:00Z')
  const days = wallOf(nothing, tuesday)
  expect(days.at(-1)?.date).toBe('2026-11-24')
  expect(new Date(`${days[0]!.date}T00:00:00Z`).getUTCDay()).toBe(0)
  expect(Math.ceil(days.length / 7)).toBe(53)
})

test('a day counts what was done of every kind', () => {
  const counts = {
    ...nothing,
    versions: [{ date: '2026-11-23', count: 2 }],
    answers: [{ date: '2026-11-23', count: 40 }],
  }
  expect(wallOf(counts, new Date('2026-11-24T08:00:00Z')).at(-2)).toEqual({
    date: '2026-11-23',
    count: 42,
    byKind: { versions: 2, models: 0, miningTasks: 0, answers: 40 },
  })
})

test('a day is as dark as it is busy among the days with work', () => {
  const counts = [0, 0, 1, 5, 20, 400]
  expect(counts.map((count) => levelOf(count, counts))).toEqual([0, 0, 1, 2, 3, 4])
})
