import { expect, test } from 'vitest'
import { toldIn } from './told.ts'

test('a delivery tells how a task was', () => {
  const data = {
    vendorId: 'v',
    labellingTaskId: 't',
    state: 'OPEN',
    name: 'pool',
    itemCount: 3,
    todoCount: 2,
  }
  expect(toldIn(data)).toEqual({ taskId: 't', name: 'pool', state: 'OPEN', todoCount: 2 })
})

test('what is said of something else is no task', () => {
  expect([null, 'OPEN', {}, { labellingTaskId: 't', name: 'pool', state: 'GONE' }].map(toldIn)).toEqual(
    Array.from({ length: 4 }),
  )
})
