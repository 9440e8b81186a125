import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextAttempt, pausesSeconds } from './retries.ts'

const now = new Date('2026-01-01T00:00:00Z')

test('each pause is within a fifth of the table, and after the last there is no further try', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (chance) => {
      for (const [index, pause] of pausesSeconds.entries()) {
        const waited = (nextAttempt(index + 1, now, chance)!.getTime() - now.getTime()) / 1_000
        expect(waited).toBeGreaterThanOrEqual(0.8 * pause - 0.001)
        expect(waited).toBeLessThanOrEqual(1.2 * pause)
      }
    }),
  )
  expect(nextAttempt(pausesSeconds.length + 1, now)).toBeUndefined()
})
