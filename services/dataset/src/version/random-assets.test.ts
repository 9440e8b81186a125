import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chooseRanks } from './random-assets.ts'

test('as many different numbers as asked, the same for the same seed', () => {
  fc.assert(
    fc.property(fc.nat(300), fc.nat(400), fc.integer(), (size, count, seed) => {
      const ranks = chooseRanks(size, count, seed)
      expect(new Set(ranks).size).toBe(Math.min(size, count))
      expect(ranks.every((rank) => rank >= 0 && rank < size)).toBe(true)
      expect(chooseRanks(size, count, seed)).toEqual(ranks)
    }),
  )
})

test('over many seeds every number is chosen about equally often', () => {
  const chosen = new Array<number>(40).fill(0)
  for (let seed = 0; seed < 4_000; seed++) for (const rank of chooseRanks(40, 10, seed)) chosen[rank]!++
  // 1,000 expected, standard deviation 27: five of them for the most extreme of 40
  expect(Math.min(...chosen)).toBeGreaterThan(860)
  expect(Math.max(...chosen)).toBeLessThan(1_140)
})
