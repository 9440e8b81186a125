import { expect, test } from 'vitest'
import { niceTicks } from './ticks.ts'

test.each([
  [0, 1, 4, [0, 0.5, 1]],
  [0.13, 0.87, 4, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [0, 600, 5, [0, 200, 400, 600]],
  [-3, 7, 5, [-4, -2, 0, 2, 4, 6, 8]],
])('the range %d to %d in about %d steps has the marks %j', (low, high, wanted, marks) => {
  expect(niceTicks(low, high, wanted)).toEqual(marks)
})

test('one number alone has marks around it', () => {
  const marks = niceTicks(5, 5, 4)
  expect(marks[0]!).toBeLessThan(5)
  expect(marks.at(-1)!).toBeGreaterThan(5)
})
