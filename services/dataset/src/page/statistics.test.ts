import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Annotation } from '../annotation/annotation.ts'
import { entryStatistics } from '../index/entry-statistics.ts'
import { type Measured, measuresOf } from '../index/measure.ts'
import { pageStatistics } from '../index/page-statistics.ts'
import type { Slices } from '../index/slices.ts'
import { someSlices } from '../testing/measured.ts'
import { setBit, noBits } from './bits.ts'
import {
  addStatistics,
  annotationCountBins,
  boxAspectBins,
  boxSideBins,
  imageSideBins,
  noStatistics,
  type Statistics,
  subtractStatistics,
} from './statistics.ts'

const annotation = fc
  .record({
    label: fc.constantFrom('a', 'b', '__proto__'),
    width: fc.integer({ min: 1, max: 3000 }),
    height: fc.integer({ min: 1, max: 3000 }),
  })
  .map(({ label, width, height }): Annotation => ({
    label,
    box: { x: 0, y: 0, width, height },
    difficult: false,
    truncated: false,
    crowd: false,
  }))
const entry: fc.Arbitrary<Measured> = fc.record({
  width: fc.integer({ min: 1, max: 9000 }),
  height: fc.integer({ min: 1, max: 9000 }),
  annotations: fc.array(annotation, { maxLength: 30 }),
  tags: fc.constant([]),
  metadata: fc.constant({}),
})

/** The first entries of a page, and the statistics of some of them. */
function statisticsOf(entries: readonly Measured[], isChosen: (place: number) => boolean): Statistics {
  const values = new Map<string, Map<number, number>>()
  const page = noBits()
  entries.forEach((one, place) => {
    if (isChosen(place)) setBit(page, place)
    for (const [measure, value] of measuresOf(one))
      values.set(measure, (values.get(measure) ?? new Map<number, number>()).set(place, value))
  })
  const index = new Map<string, Slices>()
  for (const [measure, ofMeasure] of values) index.set(measure, someSlices(ofMeasure).get(0)!)
  return pageStatistics(page, index)
}

/** The same, counted one by one. */
function countedOneByOne(entries: readonly Measured[]) {
  const bins = (starts: readonly number[], values: readonly number[]) =>
    starts.map(
      (start, bin) =>
        values.filter((value) => value >= start && value < (starts[bin + 1] ?? Infinity)).length,
    )
  const all = entries.flatMap(({ annotations }) => annotations)
  const labels = [...new Set(all.map(({ label }) => label))].sort().map((label) => [
    label,
    {
      assetCount: entries.filter(({ annotations }) => annotations.some((one) => one.label === label)).length,
      annotationCount: all.filter((one) => one.label === label).length,
    },
  ])
  return {
    assetCount: entries.length,
    annotationCount: all.length,
    negativeCount: entries.filter(({ annotations }) => annotations.length === 0).length,
    labels: Object.fromEntries(labels) as unknown,
    boxSides: bins(
      boxSideBins,
      all.map(({ box }) => Math.sqrt(box.width * box.height)),
    ),
    boxAspects: bins(
      boxAspectBins,
      all.map(({ box }) => box.width / box.height),
    ),
    imageSides: bins(
      imageSideBins,
      entries.map(({ width, height }) => Math.sqrt(width * height)),
    ),
    annotationsPerAsset: bins(
      annotationCountBins,
      entries.map(({ annotations }) => annotations.length),
    ),
  }
}

test('what the bits of a page add up to is what counting one by one gives', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 12 }), fc.nat(), (entries, mask) => {
      const isChosen = (place: number) => ((mask >>> place) & 1) === 1
      const chosen = entries.filter((_, place) => isChosen(place))
      expect(statisticsOf(entries, isChosen)).toEqual(countedOneByOne(chosen))
    }),
  )
})

test('statistics of disjoint sets add up', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 8 }), fc.array(entry, { maxLength: 8 }), (one, other) => {
      const apart = [one, other].map((entries) => statisticsOf(entries, () => true))
      expect(apart.reduce(addStatistics, noStatistics)).toEqual(countedOneByOne([...one, ...other]))
    }),
  )
})

test('a page plus the entries it gains and minus those it loses is the other page, counted from its bits', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 12 }), fc.nat(), fc.nat(), (entries, before, after) => {
      const isIn = (mask: number) => (place: number) => ((mask >>> place) & 1) === 1
      const sumOf = (mask: number) =>
        entries
          .filter((_, place) => isIn(mask)(place))
          .map((one) => entryStatistics(measuresOf(one)))
          .reduce(addStatistics, noStatistics)
      const grown = addStatistics(statisticsOf(entries, isIn(before)), sumOf(after & ~before))
      expect(subtractStatistics(grown, sumOf(before & ~after))).toEqual(statisticsOf(entries, isIn(after)))
    }),
  )
})
