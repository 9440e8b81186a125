import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Annotation, annotationKey, annotationSetOf, type ImageFacts } from '../annotation/annotation.ts'
import { matchAnnotations } from '../annotation/match.ts'
import { EntriesInMemory } from '../testing/entries.ts'
import type { AssetMerge } from './asset-merge.ts'
import { resolveAsset } from './asset-merge.ts'
import type { Conflict, Resolution } from './conflict.ts'
import { mergeThreeWay } from './three-way.ts'

interface Truth extends ImageFacts {
  readonly annotations: readonly Annotation[]
}
type Version = Record<string, Truth>

// boxes on few places, so that versions share, move and contradict each other's boxes often
const annotation: fc.Arbitrary<Annotation> = fc
  .record({
    label: fc.constantFrom('a', 'b'),
    x: fc.constantFrom(0, 2, 100, 102, 200),
    difficult: fc.boolean(),
  })
  .map(({ label, x, difficult }) => ({
    ...{ label, box: { x, y: 0, width: 10, height: 10 }, difficult },
    ...{ truncated: false, crowd: false },
  }))
const truth: fc.Arbitrary<Truth> = fc.record({
  annotations: fc.array(annotation, { maxLength: 4 }),
  tags: fc.uniqueArray(fc.constantFrom('dark', 'wet')),
  metadata: fc.dictionary(fc.constant('camera'), fc.constantFrom('1', '2', '3')),
})
const version: fc.Arbitrary<Version> = fc.dictionary(fc.constantFrom('p', 'q', 'r'), truth)

function arrange(...versions: Version[]) {
  const entries = new EntriesInMemory()
  const sets = versions.map((one) =>
    entries.aVersionOf(
      Object.fromEntries(
        Object.entries(one).map(([id, { annotations, ...facts }]) => [
          id,
          annotationSetOf(structuredClone(annotations), facts),
        ]),
      ),
    ),
  )
  return { entries, sets }
}

const outOf: Resolution = { take: 'NONE' }

async function merge(
  base: Version,
  ours: Version,
  theirs: Version,
  resolution: () => Resolution = () => outOf,
) {
  const { entries, sets } = arrange(base, ours, theirs)
  const assets: AssetMerge[] = []
  const merged = await mergeThreeWay(
    { base: sets[0]!, ours: sets[1]!, theirs: sets[2]! },
    entries,
    async (some) => {
      assets.push(...some)
      return some.map((asset) => resolveAsset(asset, resolution))
    },
  )
  const conflicts: Conflict[] = assets.flatMap((asset) => asset.conflicts)
  return { content: hashesOf(entries.setsOf(merged)), sets: entries.setsOf(merged), conflicts }
}

const hashesOf = (sets: Record<string, { hash: string }>) =>
  Object.fromEntries(Object.entries(sets).map(([id, { hash }]) => [id, hash]))

const contentOf = (one: Version) => {
  const { entries, sets } = arrange(one)
  return hashesOf(entries.setsOf(sets[0]!))
}

test('merging the other way round gives the same content and the same conflicts with sides exchanged', () =>
  fc.assert(
    fc.asyncProperty(version, version, version, async (base, ours, theirs) => {
      const [one, other] = [await merge(base, ours, theirs), await merge(base, theirs, ours)]
      expect(one.content).toEqual(other.content)
      const inText = (conflicts: Conflict[]) => conflicts.map((conflict) => JSON.stringify(conflict)).sort()
      const exchanged = other.conflicts.map((conflict) => {
        const { base: before, ours: mine, theirs: yours } = conflict.sides
        const { key: _, ...rest } = conflict as Conflict & { key: string } // the tests' merges are keyed
        return { ...rest, sides: { base: before, ours: yours, theirs: mine } } as Conflict // its own sides
      })
      const given = one.conflicts.map((conflict) => {
        const { key: _, ...rest } = conflict as Conflict & { key: string } // as above
        return rest
      })
      expect(inText(given)).toEqual(inText(exchanged))
    }),
    { numRuns: 500 },
  ))

test('a side that changed nothing gives the other side, without conflicts', () =>
  fc.assert(
    fc.asyncProperty(version, version, async (base, changed) => {
      for (const merged of [
        await merge(base, base, changed),
        await merge(base, changed, base),
        await merge(base, changed, changed),
      ])
        expect(merged).toMatchObject({ content: contentOf(changed), conflicts: [] })
    }),
    { numRuns: 300 },
  ))

test('no box is lost: it is in the result, in a conflict, or the other side removed or changed it', () =>
  fc.assert(
    fc.asyncProperty(version, version, version, async (base, ours, theirs) => {
      const { sets, conflicts } = await merge(base, ours, theirs)
      for (const [side, other] of [
        [ours, theirs],
        [theirs, ours],
      ] as const)
        for (const [assetId, { annotations }] of Object.entries(side)) {
          const inConflict = conflicts.filter((one) => one.assetId === assetId).flatMap(boxesIn)
          const kept = [...(sets[assetId]?.annotations ?? []), ...inConflict].map(annotationKey)
          const lost = annotations.filter((one) => !kept.includes(annotationKey(one)))
          const before = (base[assetId]?.annotations ?? []).map(annotationKey)
          for (const one of lost) {
            // it was in the base as it is, and the other side has no box that says the same
            expect(before).toContain(annotationKey(one))
            const count = (list: readonly Annotation[] = []) =>
              list.filter((each) => annotationKey(each) === annotationKey(one)).length
            expect(count(other[assetId]?.annotations)).toBeLessThan(count(base[assetId]?.annotations))
          }
        }
    }),
    { numRuns: 500 },
  ))

function boxesIn(conflict: Conflict): readonly Annotation[] {
  const sides = Object.values(conflict.sides) as Conflict['sides']['base'][] // of one kind
  return sides.flatMap((side) => {
    if (side === null || typeof side === 'string') return []
    return 'annotations' in side ? side.annotations : [side]
  })
}

const box = (label: string, x: number, difficult = false): Annotation => ({
  ...{ label, box: { x, y: 0, width: 10, height: 10 }, difficult },
  ...{ truncated: false, crowd: false },
})
const facts = { tags: [], metadata: {} }
const one = (...annotations: Annotation[]): Version => ({ p: { annotations, ...facts } })

test.each<[string, Version, number, Version?]>([
  ['a box moved here and another added there are both taken', one(box('a', 2), box('b', 100)), 0],
  ['a box moved here and removed there is a conflict', one(), 1],
  ['a box moved here and marked there is a conflict', one(box('a', 0, true)), 1],
  ['a box named anew on both sides is a conflict', one(box('b', 0)), 1, one(box('c', 0))],
  ['a box moved here and moved there alike is settled', one(box('a', 2)), 0],
])('%s', async (_, theirs, count, ours = one(box('a', 2))) => {
  const { conflicts } = await merge(one(box('a', 0)), ours, theirs)
  expect(conflicts).toHaveLength(count)
})

test('an asset changed here and removed there is a conflict; one removed here and left alone there is gone', async () => {
  const changed = await merge(one(box('a', 0)), one(box('a', 2)), {})
  expect(changed.conflicts).toMatchObject([{ kind: 'ASSET', sides: { theirs: null } }])
  const removed = await merge(one(box('a', 0)), one(box('a', 0)), {})
  expect(removed).toMatchObject({ conflicts: [], content: {} })
})

test.each([
  ['OURS', [2]],
  ['THEIRS', [1]],
  ['BASE', [0]],
  ['BOTH', [1, 2]],
  ['NONE', []],
] as const)('a conflict settled by %s gives that', async (take, xs) => {
  const { sets, conflicts } = await merge(one(box('a', 0)), one(box('a', 2)), one(box('a', 1)), () => ({
    take,
  }))
  expect(conflicts).toHaveLength(1)
  expect(sets.p!.annotations.map((each) => each.box.x).sort()).toEqual(xs)
})

test('matching pairs the same objects whichever side comes first', () =>
  fc.assert(
    fc.property(fc.array(annotation), fc.array(annotation), (a, b) => {
      const [first, second] = [structuredClone(a), structuredClone(b)]
      const [one, other] = [matchAnnotations(first, second), matchAnnotations(second, first)]
      const keys = (pairs: typeof one.pairs) =>
        pairs.map((pair) => pair.map(annotationKey).sort().join()).sort()
      expect(keys(one.pairs)).toEqual(keys(other.pairs))
      expect(one.pairs.length * 2 + one.onlyFirst.length + one.onlySecond.length).toBe(a.length + b.length)
    }),
  ))
