import { type Bits, countBits } from '../page/bits.ts'
import {
  annotationCountBins,
  boxAspectBins,
  boxSideBins,
  imageSideBins,
  type LabelCounts,
  type Statistics,
} from '../page/statistics.ts'
import { boxAspectMeasure, boxSideMeasure, labelPrefix, type Measure, measures } from './measure.ts'
import { countBins, countWithin, excessWithin, type Slices, sumWithin } from './slices.ts'

/** What statistics are made of, besides labels. */
export const countedMeasures: readonly Measure[] = [
  measures.annotations,
  measures.imageSide,
  ...boxSideBins.map((_, bin) => boxSideMeasure(bin)),
  ...boxAspectBins.map((_, bin) => boxAspectMeasure(bin)),
]

/**
 * The statistics of the entries on a page. No entry is looked at: every number is a count of bits.
 * @param index by measure; holds `countedMeasures` and all labels of the page
 */
export function pageStatistics(page: Bits, index: ReadonlyMap<Measure, Slices>): Statistics {
  const annotations = index.get(measures.annotations)
  const assetCount = countBits(page)
  return {
    assetCount,
    annotationCount: sumWithin(annotations, page),
    negativeCount: assetCount - (annotations ? countWithin(annotations.some, page) : 0),
    labels: labelCounts(page, index),
    boxSides: boxSideBins.map((_, bin) => sumWithin(index.get(boxSideMeasure(bin)), page)),
    boxAspects: boxAspectBins.map((_, bin) => sumWithin(index.get(boxAspectMeasure(bin)), page)),
    imageSides: countBins(index.get(measures.imageSide), imageSideBins, page),
    annotationsPerAsset: countBins(annotations, annotationCountBins, page),
  }
}

function labelCounts(page: Bits, index: ReadonlyMap<Measure, Slices>): Record<string, LabelCounts> {
  const counts: [string, LabelCounts][] = []
  for (const [measure, slices] of index) {
    if (!measure.startsWith(labelPrefix)) continue
    const assetCount = countWithin(slices.some, page)
    if (assetCount === 0) continue
    counts.push([
      measure.slice(labelPrefix.length),
      { assetCount, annotationCount: assetCount + excessWithin(slices, page) },
    ])
  }
  counts.sort(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(counts)
}
