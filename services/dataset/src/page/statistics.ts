/**
 * Counts over entries. Everything in it is a sum: the statistics of a version are those of its pages added up. That is why
 * image sizes are a histogram and not a minimum and a maximum.
 */
export interface Statistics {
  readonly assetCount: number
  readonly annotationCount: number
  /** Assets without an annotation. */
  readonly negativeCount: number
  readonly labels: Readonly<Record<string, LabelCounts>>
  /** Annotations by the square root of their box's area in pixels; one count for each bin of `boxSideBins`. */
  readonly boxSides: readonly number[]
  /** Annotations by their box's width divided by its height; one count for each bin of `boxAspectBins`. */
  readonly boxAspects: readonly number[]
  /** Assets by the square root of their area in pixels; one count for each bin of `imageSideBins`. */
  readonly imageSides: readonly number[]
  /** Assets by the number of their annotations; one count for each bin of `annotationCountBins`. */
  readonly annotationsPerAsset: readonly number[]
}

export interface LabelCounts {
  readonly annotationCount: number
  readonly assetCount: number
}

/** Lower ends of the bins; 32 and 96 are COCO's borders of small, medium and large. */
export const boxSideBins = [0, 8, 16, 32, 64, 96, 128, 256, 512, 1024] as const
/** Borders are reciprocal: a shape and the same shape lying lie equally far from the square in the middle. */
export const boxAspectBins = [0, 1 / 5, 1 / 3, 1 / 2, 4 / 5, 5 / 4, 2, 3, 5] as const
export const imageSideBins = [0, 128, 256, 512, 768, 1024, 1536, 2048, 4096, 8192] as const
export const annotationCountBins = [0, 1, 2, 3, 5, 10, 20, 50, 100] as const

export const noStatistics: Statistics = {
  assetCount: 0,
  annotationCount: 0,
  negativeCount: 0,
  labels: {},
  boxSides: boxSideBins.map(() => 0),
  boxAspects: boxAspectBins.map(() => 0),
  imageSides: imageSideBins.map(() => 0),
  annotationsPerAsset: annotationCountBins.map(() => 0),
}

export function addStatistics(a: Statistics, b: Statistics): Statistics {
  const bins = (x: readonly number[], y: readonly number[]) => x.map((count, bin) => count + y[bin]!)
  return {
    assetCount: a.assetCount + b.assetCount,
    annotationCount: a.annotationCount + b.annotationCount,
    negativeCount: a.negativeCount + b.negativeCount,
    labels: addLabels(a.labels, b.labels),
    boxSides: bins(a.boxSides, b.boxSides),
    boxAspects: bins(a.boxAspects, b.boxAspects),
    imageSides: bins(a.imageSides, b.imageSides),
    annotationsPerAsset: bins(a.annotationsPerAsset, b.annotationsPerAsset),
  }
}

/** What is left of `a` without `b`, which is a part of it. */
export function subtractStatistics(a: Statistics, b: Statistics): Statistics {
  const { labels, ...rest } = addStatistics(a, negative(b))
  const left = Object.entries(labels).filter(([, { assetCount }]) => assetCount > 0)
  return { ...rest, labels: Object.fromEntries(left) }
}

function negative(of: Statistics): Statistics {
  const bins = (counts: readonly number[]) => counts.map((count) => -count)
  const labels = Object.entries(of.labels).map(([label, counts]): [string, LabelCounts] => [
    label,
    { annotationCount: -counts.annotationCount, assetCount: -counts.assetCount },
  ])
  return {
    assetCount: -of.assetCount,
    annotationCount: -of.annotationCount,
    negativeCount: -of.negativeCount,
    labels: Object.fromEntries(labels),
    boxSides: bins(of.boxSides),
    boxAspects: bins(of.boxAspects),
    imageSides: bins(of.imageSides),
    annotationsPerAsset: bins(of.annotationsPerAsset),
  }
}

function addLabels(a: Statistics['labels'], b: Statistics['labels']): Statistics['labels'] {
  const sums = new Map(Object.entries(a))
  for (const [label, counts] of Object.entries(b)) {
    const before = sums.get(label) ?? { annotationCount: 0, assetCount: 0 }
    sums.set(label, {
      annotationCount: before.annotationCount + counts.annotationCount,
      assetCount: before.assetCount + counts.assetCount,
    })
  }
  return Object.fromEntries([...sums].sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** Number of the bin that a value lies in. */
export function binOf(bins: readonly number[], value: number): number {
  let bin = 0
  while (bin + 1 < bins.length && value >= bins[bin + 1]!) bin++
  return bin
}
