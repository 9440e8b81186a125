import type { Annotation } from '../annotation/annotation.ts'

/**
 * Counts over entries. Everything in it is a sum: the statistics of two disjoint sets add up, and those of a changed set
 * follow from the change. That is why image sizes are a histogram and not a minimum and a maximum.
 */
export interface Statistics {
  readonly assetCount: number
  readonly annotationCount: number
  /** Assets without an annotation. */
  readonly negativeCount: number
  readonly labels: Readonly<Record<string, LabelCounts>>
  /** Annotations by the square root of their box's area in pixels; one count for each bin of `boxSideBins`. */
  readonly boxSides: readonly number[]
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
export const imageSideBins = [0, 128, 256, 512, 768, 1024, 1536, 2048, 4096, 8192] as const
export const annotationCountBins = [0, 1, 2, 3, 5, 10, 20, 50, 100] as const

export const noStatistics: Statistics = {
  assetCount: 0,
  annotationCount: 0,
  negativeCount: 0,
  labels: {},
  boxSides: boxSideBins.map(() => 0),
  imageSides: imageSideBins.map(() => 0),
  annotationsPerAsset: annotationCountBins.map(() => 0),
}

/** What an annotation set adds to statistics; kept with the set, so that counting needs no boxes. */
export interface AnnotationSummary {
  readonly labels: Readonly<Record<string, number>>
  readonly boxSides: readonly number[]
}

export function summarise(annotations: readonly Annotation[]): AnnotationSummary {
  const labels = new Map<string, number>()
  const boxSides = boxSideBins.map(() => 0)
  for (const { label, box } of annotations) {
    labels.set(label, (labels.get(label) ?? 0) + 1)
    boxSides[binOf(boxSideBins, Math.sqrt(box.width * box.height))]! += 1
  }
  return { labels: Object.fromEntries(labels), boxSides }
}

/** The statistics of one entry. */
export function statisticsOfEntry(
  image: { width: number; height: number },
  summary: AnnotationSummary,
): Statistics {
  const tally = new Tally()
  tally.add(image, summary)
  return tally.statistics()
}

/** Counts many entries one by one without making a new object for each. */
export class Tally {
  private assetCount = 0
  private annotationCount = 0
  private negativeCount = 0
  private readonly labels = new Map<string, { annotationCount: number; assetCount: number }>()
  private readonly boxSides = boxSideBins.map(() => 0)
  private readonly imageSides = imageSideBins.map(() => 0)
  private readonly annotationsPerAsset = annotationCountBins.map(() => 0)

  add(image: { width: number; height: number }, summary: AnnotationSummary): void {
    let annotationCount = 0
    for (const [label, count] of Object.entries(summary.labels)) {
      annotationCount += count
      const counts = this.labels.get(label)
      if (counts) {
        counts.annotationCount += count
        counts.assetCount++
      } else this.labels.set(label, { annotationCount: count, assetCount: 1 })
    }
    this.assetCount++
    this.annotationCount += annotationCount
    if (annotationCount === 0) this.negativeCount++
    summary.boxSides.forEach((count, bin) => (this.boxSides[bin]! += count))
    this.imageSides[binOf(imageSideBins, Math.sqrt(image.width * image.height))]!++
    this.annotationsPerAsset[binOf(annotationCountBins, annotationCount)]!++
  }

  statistics(): Statistics {
    const { assetCount, annotationCount, negativeCount, boxSides, imageSides, annotationsPerAsset } = this
    const labels = Object.fromEntries(inOrder(this.labels))
    return { assetCount, annotationCount, negativeCount, labels, boxSides, imageSides, annotationsPerAsset }
  }
}

export const addStatistics = (a: Statistics, b: Statistics): Statistics => combineStatistics(a, b, 1)
export const subtractStatistics = (a: Statistics, b: Statistics): Statistics => combineStatistics(a, b, -1)

function combineStatistics(a: Statistics, b: Statistics, sign: 1 | -1): Statistics {
  const bins = (x: readonly number[], y: readonly number[]) => x.map((count, bin) => count + sign * y[bin]!)
  return {
    assetCount: a.assetCount + sign * b.assetCount,
    annotationCount: a.annotationCount + sign * b.annotationCount,
    negativeCount: a.negativeCount + sign * b.negativeCount,
    labels: combineLabels(a.labels, b.labels, sign),
    boxSides: bins(a.boxSides, b.boxSides),
    imageSides: bins(a.imageSides, b.imageSides),
    annotationsPerAsset: bins(a.annotationsPerAsset, b.annotationsPerAsset),
  }
}

function combineLabels(a: Statistics['labels'], b: Statistics['labels'], sign: 1 | -1): Statistics['labels'] {
  const combined = new Map(Object.entries(a))
  for (const [label, counts] of Object.entries(b)) {
    const before = combined.get(label) ?? { annotationCount: 0, assetCount: 0 }
    const assetCount = before.assetCount + sign * counts.assetCount
    if (assetCount === 0) combined.delete(label)
    else
      combined.set(label, {
        annotationCount: before.annotationCount + sign * counts.annotationCount,
        assetCount,
      })
  }
  return Object.fromEntries(inOrder(combined))
}

function binOf(bins: readonly number[], value: number): number {
  let bin = 0
  while (bin + 1 < bins.length && value >= bins[bin + 1]!) bin++
  return bin
}

function inOrder(labels: ReadonlyMap<string, LabelCounts>): [string, LabelCounts][] {
  return [...labels].sort(([one], [other]) => (one < other ? -1 : 1))
}
