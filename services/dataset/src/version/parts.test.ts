import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EntriesInMemory } from '../testing/entries.ts'
import { sampleBalanced } from './balanced-sample.ts'
import { relabelVersion } from './relabel.ts'
import { splitByChance, splitStratified } from './split.ts'

const labels = ['a', 'b', 'c', 'd']
const assets = fc
  .array(fc.subarray(labels), { maxLength: 120 })
  .map((list) => Object.fromEntries(list.map((shown, index) => [`asset ${index}`, shown])))
const fractions = fc
  .array(fc.integer({ min: 1, max: 10 }), { minLength: 2, maxLength: 5 })
  .map((weights) => weights.map((weight) => weight / weights.reduce((sum, one) => sum + one, 0)))

const countOf = (content: Record<string, string[]>, label: string) =>
  Object.values(content).filter((shown) => shown.includes(label)).length

test('a balanced sample has every label as often as asked, or as often as there is', () =>
  fc.assert(
    fc.asyncProperty(assets, fc.integer({ min: 1, max: 20 }), fc.integer(), async (given, perLabel, seed) => {
      const entries = new EntriesInMemory()
      const whole = entries.aVersion(given)
      const sample = await sampleBalanced(whole, perLabel, labels, seed, entries)
      const content = entries.contentOf(sample)
      expect(sample.minus(whole).size).toBe(0)
      for (const label of labels)
        expect(countOf(content, label)).toBeGreaterThanOrEqual(Math.min(perLabel, countOf(given, label)))
      expect(sample.size).toBeLessThanOrEqual(perLabel * labels.length)
      const again = await sampleBalanced(whole, perLabel, labels, seed, entries)
      expect([...again]).toEqual([...sample])
    }),
  ))

test('parts share nothing, are the whole together, and their sizes are at most one beside their fractions', () =>
  fc.assert(
    fc.property(fc.nat(300), fractions, fc.integer(), (size, shares, seed) => {
      const whole = new EntriesInMemory().aVersion(
        Object.fromEntries(Array.from({ length: size }, (_, index) => [`${index}`, []])),
      )
      const parts = splitByChance(whole, shares, seed)
      expect(parts.reduce((sum, part) => sum + part.size, 0)).toBe(size)
      expect([...parts.reduce((union, part) => union.union(part))]).toEqual([...whole])
      const offBy = parts.map((part, index) => Math.abs(part.size - size * shares[index]!))
      // one: where a half is rounded up at one end of a part and down at the other
      expect(Math.max(...offBy)).toBeLessThanOrEqual(1 + 1e-9)
    }),
  ))

test('every asset goes to every part about as often as its fraction says', () => {
  const whole = new EntriesInMemory().aVersion(
    Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`${index}`, []])),
  )
  const inSecond = new Array<number>(100).fill(0)
  for (let seed = 0; seed < 1_000; seed++)
    for (const serial of splitByChance(whole, [0.5, 0.3, 0.2], seed)[1]!) inSecond[serial]!++
  // 300 expected, standard deviation 14.5: five of them
  expect(Math.min(...inSecond)).toBeGreaterThan(225)
  expect(Math.max(...inSecond)).toBeLessThan(375)
})

test('stratified parts have the fraction of each label, rare ones too', async () => {
  const entries = new EntriesInMemory()
  const chance = (index: number, salt: number) => ((index * 2_654_435_761 + salt * 40_503) >>> 8) % 1_000
  const shown = (index: number) =>
    labels.filter((_, label) => chance(index, label) < [500, 200, 50, 12][label]!)
  const given = Object.fromEntries(Array.from({ length: 1_500 }, (_, index) => [`${index}`, shown(index)]))
  const whole = entries.aVersion(given)
  const shares = [0.7, 0.2, 0.1]
  const parts = await splitStratified(whole, shares, labels, 1, entries)
  expect([...parts.reduce((union, part) => union.union(part))]).toEqual([...whole])
  expect(parts.reduce((sum, part) => sum + part.size, 0)).toBe(1_500)
  parts.forEach((part, index) => {
    const content = entries.contentOf(part)
    expect(Math.abs(part.size - 1_500 * shares[index]!)).toBeLessThanOrEqual(3)
    for (const label of labels)
      expect(Math.abs(countOf(content, label) - countOf(given, label) * shares[index]!)).toBeLessThanOrEqual(
        2,
      )
  })
  const again = await splitStratified(whole, shares, labels, 1, entries)
  expect(again.map((part) => [...part])).toEqual(parts.map((part) => [...part]))
})

test('a stratified split shares nothing and loses nothing, whatever the labels', () =>
  fc.assert(
    fc.asyncProperty(assets, fractions, fc.integer(), async (given, shares, seed) => {
      const entries = new EntriesInMemory()
      const whole = entries.aVersion(given)
      const parts = await splitStratified(whole, shares, labels, seed, entries)
      expect(parts.reduce((sum, part) => sum + part.size, 0)).toBe(whole.size)
      expect([...parts.reduce((union, part) => union.union(part))]).toEqual([...whole])
    }),
  ))

test('relabelling renames, merges and drops labels and touches nothing else', () =>
  fc.assert(
    fc.asyncProperty(assets, async (given) => {
      const entries = new EntriesInMemory()
      const relabelled = await relabelVersion(
        entries.aVersion(given),
        { rename: [{ from: ['a', 'b'], to: 'z' }], drop: ['c'] },
        entries,
      )
      const expected = Object.fromEntries(
        Object.entries(given).map(([id, shown]) => [
          id,
          shown
            .filter((label) => label !== 'c')
            .map((label) => (['a', 'b'].includes(label) ? 'z' : label))
            .sort(),
        ]),
      )
      expect(entries.contentOf(relabelled)).toEqual(expected)
    }),
  ))
