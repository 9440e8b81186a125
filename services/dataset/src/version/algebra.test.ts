import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Annotation } from '../annotation/annotation.ts'
import { EntriesInMemory } from '../testing/entries.ts'
import { diffVersions } from './diff.ts'
import { excludeVersions } from './exclude.ts'
import { filterAssets, filterVersion } from './filter.ts'
import { MergeConflict, mergeVersions, uniteAnnotations } from './merge.ts'
import { sampleVersion, splitVersion } from './sample.ts'

type Version = Record<string, string[]>

/** A version in words: labels in each asset, sorted. */
const version: fc.Arbitrary<Version> = fc.dictionary(
  fc.constantFrom('p', 'q', 'r', 's', 't'),
  fc.uniqueArray(fc.constantFrom('a', 'b', 'c')).map((labels) => labels.sort()),
)
const labelsOf = fc.subarray<string>(['a', 'b', 'c'])

describe('merging', () => {
  test('a version with itself changes nothing, whatever the policy', () =>
    fc.assert(
      fc.asyncProperty(
        version,
        fc.constantFrom('STOP', 'UNION', 'FIRST_WINS', 'LAST_WINS'),
        async (a, policy) => {
          const entries = new EntriesInMemory()
          const one = entries.aVersion(a)
          expect([...(await mergeVersions([one, one], policy, entries))]).toEqual([...one])
        },
      ),
    ))

  test('first wins and last wins are spreading objects one way and the other', () =>
    fc.assert(
      fc.asyncProperty(version, version, version, async (a, b, c) => {
        const entries = new EntriesInMemory()
        const parents = [a, b, c].map((one) => entries.aVersion(one))
        const first = await mergeVersions(parents, 'FIRST_WINS', entries)
        expect(entries.contentOf(first)).toEqual({ ...c, ...b, ...a })
        const last = await mergeVersions(parents, 'LAST_WINS', entries)
        expect(entries.contentOf(last)).toEqual({ ...a, ...b, ...c })
      }),
    ))

  test('a union has every label of every version once', () =>
    fc.assert(
      fc.asyncProperty(version, version, async (a, b) => {
        const entries = new EntriesInMemory()
        const merged = await mergeVersions([entries.aVersion(a), entries.aVersion(b)], 'UNION', entries)
        const expected: Version = {}
        for (const asset of new Set([...Object.keys(a), ...Object.keys(b)]))
          expected[asset] = [...new Set([...(a[asset] ?? []), ...(b[asset] ?? [])])].sort()
        expect(entries.contentOf(merged)).toEqual(expected)
      }),
    ))

  test('stops exactly when an asset has different annotations', () =>
    fc.assert(
      fc.asyncProperty(version, version, async (a, b) => {
        const entries = new EntriesInMemory()
        const conflicts = Object.keys(a).filter((asset) => b[asset] && b[asset].join() !== a[asset]?.join())
        const merged = mergeVersions([entries.aVersion(a), entries.aVersion(b)], 'STOP', entries)
        if (conflicts.length === 0) {
          expect(entries.contentOf(await merged)).toEqual({ ...a, ...b })
          return
        }
        const conflict: unknown = await merged.catch((error: unknown) => error)
        expect(conflict).toBeInstanceOf(MergeConflict)
        expect(conflict).toMatchObject({ conflictCount: conflicts.length })
      }),
    ))

  test('boxes of a label that nearly coincide are one object, those of different labels are two', () => {
    const at = (label: string, x: number): Annotation => ({
      label,
      box: { x, y: 0, width: 100, height: 100 },
      difficult: false,
      truncated: false,
      crowd: false,
    })
    const first = at('a', 0)
    expect(uniteAnnotations([first], [at('a', 10)])).toEqual([first]) // IoU 0.82
    expect(uniteAnnotations([first], [at('a', 30)])).toHaveLength(2) // IoU 0.54
    expect(uniteAnnotations([first], [at('b', 0)])).toHaveLength(2)
  })
})

test('excluding removes assets by what they are, and what is merged back comes back', () =>
  fc.assert(
    fc.asyncProperty(version, version, async (a, b) => {
      const entries = new EntriesInMemory()
      const [one, other] = [entries.aVersion(a), entries.aVersion(b)]
      const rest = await excludeVersions(one, [other], entries)
      const kept = Object.entries(a).filter(([asset]) => !(asset in b))
      expect(entries.contentOf(rest)).toEqual(Object.fromEntries(kept))
      expect(entries.contentOf(await mergeVersions([rest, other], 'STOP', entries))).toEqual({ ...a, ...b })
    }),
  ))

test('a filter keeps assets with any of the labels and none of the others', () =>
  fc.assert(
    fc.asyncProperty(version, labelsOf, labelsOf, async (a, labels, withoutLabels) => {
      const entries = new EntriesInMemory()
      const kept = await filterVersion(entries.aVersion(a), { labels, withoutLabels }, entries)
      const expected = Object.entries(a).filter(
        ([, has]) =>
          (labels.length === 0 || labels.some((label) => has.includes(label))) &&
          !withoutLabels.some((label) => has.includes(label)),
      )
      expect(entries.contentOf(kept)).toEqual(Object.fromEntries(expected))
    }),
  ))

test('a filter keeps what all of its conditions hold for', () => {
  const words = fc.option(labelsOf, { nil: undefined })
  const range = fc.option(fc.record({ min: fc.nat(2), max: fc.nat(3) }, { requiredKeys: [] }), {
    nil: undefined,
  })
  const filters = fc.record({
    anyLabels: words,
    allLabels: words,
    noLabels: words,
    annotationCount: range,
    smallestBoxSide: range.map((one) => one && { min: (one.min ?? 0) * 10 }),
    nameContains: fc.option(fc.constantFrom('p', 'Q', 'x'), { nil: undefined }),
    importedFrom: fc.option(fc.constant(['other']), { nil: undefined }),
  })
  return fc.assert(
    fc.asyncProperty(version, version, filters, async (a, b, filter) => {
      const entries = new EntriesInMemory()
      const one = entries.aVersion(a)
      entries.versions.set('other', entries.aVersion(b))
      const { anyLabels, allLabels = [], noLabels = [], annotationCount: count = {} } = filter
      const expected = Object.entries(a).filter(
        ([asset, has]) =>
          (!anyLabels || anyLabels.some((label) => has.includes(label))) &&
          allLabels.every((label) => has.includes(label)) &&
          !noLabels.some((label) => has.includes(label)) &&
          has.length >= (count.min ?? 0) &&
          has.length <= (count.max ?? Infinity) &&
          // every box of these versions is 10 x 10
          (!filter.smallestBoxSide || (has.length > 0 && filter.smallestBoxSide.min <= 10)) &&
          asset.includes(filter.nameContains?.toLowerCase() ?? '') &&
          (!filter.importedFrom || asset in b),
      )
      const kept = await filterAssets(one, filter, entries)
      expect(entries.contentOf(kept)).toEqual(Object.fromEntries(expected))
    }),
  )
})

test('a diff counts what two versions do not share', () =>
  fc.assert(
    fc.asyncProperty(version, version, async (a, b) => {
      const entries = new EntriesInMemory()
      const shared = Object.keys(a).filter((asset) => asset in b)
      expect(await diffVersions(entries.aVersion(a), entries.aVersion(b), entries)).toEqual({
        added: Object.keys(b).length - shared.length,
        removed: Object.keys(a).length - shared.length,
        changed: shared.filter((asset) => a[asset]?.join() !== b[asset]?.join()).length,
      })
    }),
  ))

describe('sampling', () => {
  const large = new EntriesInMemory().aVersion(
    Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`${n}`, []])),
  )

  test('gives as many as asked, all of the version, and the same again for the same seed', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.integer(), (count, seed) => {
        const sample = sampleVersion(large, count, seed)
        expect(sample.size).toBe(Math.min(count, 400))
        expect(sample.minus(large).size).toBe(0)
        expect([...sampleVersion(large, count, seed)]).toEqual([...sample])
      }),
    )
  })

  test('is fair: over many seeds every asset is chosen about equally often', () => {
    const chosen = new Array<number>(400).fill(0)
    for (let seed = 0; seed < 1_000; seed++)
      for (const serial of sampleVersion(large, 100, seed)) chosen[serial]!++
    // 250 expected, standard deviation 13.7: five of them for the most extreme of 400
    expect(Math.min(...chosen)).toBeGreaterThan(180)
    expect(Math.max(...chosen)).toBeLessThan(320)
  })

  test('a split is two parts of the whole', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer(), (fraction, seed) => {
        const [first, second] = splitVersion(large, fraction, seed)
        expect(first.size).toBe(Math.round(400 * fraction))
        expect(first.intersect(second).size).toBe(0)
        expect([...first.union(second)]).toEqual([...large])
      }),
    )
  })
})
