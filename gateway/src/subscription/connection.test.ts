import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Authenticator } from '../caller/authenticator.ts'
import { Connection } from './connection.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A connection, and identity, which answers when it is told to. */
function aConnection() {
  const waiting: (() => void)[] = []
  let asked = 0
  const caller = { user: { id: 'ada', role: 'MEMBER' }, scopes: [], memberships: [], expiresAt: null }
  const authenticator = new Authenticator({
    ask: async () => {
      asked++
      await new Promise<void>((resolve) => waiting.push(resolve))
      return { data: { caller } }
    },
  })
  const connection = new Connection({
    token: 'x',
    authenticator,
    graph: { query: () => Promise.reject(new Error('not asked')) },
    close: () => {},
  })
  const answer = () => waiting.splice(0).forEach((resolve) => resolve())
  return { connection, answer, asked: () => asked }
}

const anHour = 60 * 60 * 1000

test('a connection that ends while its token is looked up asks no more', async () => {
  const { connection, answer, asked } = aConnection()
  const found = connection.authenticate()
  connection.end()
  answer()
  await found
  await vi.advanceTimersByTimeAsync(anHour)

  expect(asked()).toBe(1)
})

test('a connection that ends while its token is looked up again asks no more', async () => {
  const { connection, answer, asked } = aConnection()
  const found = connection.authenticate()
  answer()
  expect(await found).toBe(true)
  await vi.advanceTimersByTimeAsync(61_000)
  expect(asked()).toBe(2)

  connection.end()
  answer()
  await vi.advanceTimersByTimeAsync(anHour)

  expect(asked()).toBe(2)
})
