import {
  annotationCountBins,
  binOf,
  boxAspectBins,
  boxSideBins,
  imageSideBins,
  type LabelCounts,
  type Statistics,
} from '../page/statistics.ts'
import { boxAspectMeasure, boxSideMeasure, labelPrefix, type Measure, measures } from './measure.ts'

/** The statistics of one entry, from the measures of it that are not 0: what `pageStatistics` counts for it alone. */
export function entryStatistics(measured: ReadonlyMap<Measure, number>): Statistics {
  const valueOf = (measure: Measure) => measured.get(measure) ?? 0
  const annotationCount = valueOf(measures.annotations)
  const labels = [...measured]
    .filter(([measure]) => measure.startsWith(labelPrefix))
    .map(([measure, count]): [string, LabelCounts] => [
      measure.slice(labelPrefix.length),
      { annotationCount: count, assetCount: 1 },
    ])
  return {
    assetCount: 1,
    annotationCount,
    negativeCount: annotationCount === 0 ? 1 : 0,
    labels: Object.fromEntries(labels),
    boxSides: boxSideBins.map((_, bin) => valueOf(boxSideMeasure(bin))),
    boxAspects: boxAspectBins.map((_, bin) => valueOf(boxAspectMeasure(bin))),
    imageSides: oneOf(imageSideBins, valueOf(measures.imageSide)),
    annotationsPerAsset: oneOf(annotationCountBins, annotationCount),
  }
}

function oneOf(bins: readonly number[], value: number): number[] {
  const at = binOf(bins, value)
  return bins.map((_, bin) => (bin === at ? 1 : 0))
}
