import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inChunks } from './chunks.ts'
import { readAhead } from './read-ahead.ts'

async function* streamOf<T>(values: readonly T[]): AsyncGenerator<T> {
  for (const value of values) yield await Promise.resolve(value)
}

async function listOf<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const value of values) list.push(value)
  return list
}

test('values come in their order, whichever is read first, and no more at once than was said', async () => {
  let reading = 0
  let most = 0
  const read = async (value: number) => {
    most = Math.max(most, ++reading)
    await delay(value % 3)
    reading--
    return value
  }
  const values = Array.from({ length: 40 }, (_, n) => (n * 7) % 40)
  const found = await listOf(
    readAhead(streamOf(values), 4, (value) => (value % 10 === 0 ? undefined : read(value))),
  )
  expect(found.map((one) => ('read' in one ? one.read : one.unread))).toEqual(values)
  expect(most).toBe(4)
})

test('what cannot be read is thrown in its turn', async () => {
  const found: unknown[] = []
  const reading = async () => {
    for await (const one of readAhead(streamOf([1, 2, 3]), 3, async (value) => {
      if (value === 2) throw new Error('2 is missing')
      return Promise.resolve(value)
    }))
      found.push(one)
  }
  await expect(reading()).rejects.toThrow('2 is missing')
  expect(found).toEqual([{ read: 1 }])
})

test('chunks are the same bytes, and none but the last is short', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(50_000), { maxLength: 20 }), async (lengths) => {
      const pieces = lengths.map((length, n) => Buffer.alloc(length, n + 1))
      const chunks = await listOf(inChunks(streamOf(pieces)))
      expect(Buffer.concat(chunks).equals(Buffer.concat(pieces))).toBe(true)
      expect(chunks.slice(0, -1).every(({ length }) => length >= 65_536)).toBe(true)
    }),
  )
})
