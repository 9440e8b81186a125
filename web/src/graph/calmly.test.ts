import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { calmly } from './calmly.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('much news at once is read once', async () => {
  const read = vi.fn(() => Promise.resolve())
  const { news } = calmly(read, 250)
  for (let index = 0; index < 5; index++) news()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(read).toHaveBeenCalledTimes(1)
})

test('what happens while an answer is under way is read after it', async () => {
  const answers: (() => void)[] = []
  const read = vi.fn(() => new Promise<void>((resolve) => answers.push(resolve)))
  const { news } = calmly(read, 250)
  news()
  await vi.advanceTimersByTimeAsync(250)
  news() // the answer under way does not know of it
  await vi.advanceTimersByTimeAsync(1_000)
  expect(read).toHaveBeenCalledTimes(1)

  answers[0]?.()
  await vi.advanceTimersByTimeAsync(250)
  expect(read).toHaveBeenCalledTimes(2)
})

test('a reading that failed does not end the news', async () => {
  const read = vi.fn(() => Promise.reject(new Error('the line is cut')))
  const { news } = calmly(read, 250)
  news()
  await vi.advanceTimersByTimeAsync(250)
  news()
  await vi.advanceTimersByTimeAsync(250)
  expect(read).toHaveBeenCalledTimes(2)
})
