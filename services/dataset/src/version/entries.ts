import type { Annotation, AnnotationSet, ImageFacts } from '../annotation/annotation.ts'
import type { Measure } from '../index/measure.ts'
import type { MeasuredSet } from '../index/measured-set.ts'
import type { PredictionFilter } from '../prediction/prediction-filter.ts'
import type { SerialSet } from '../page/serial-set.ts'

/**
 * What operations ask about entries. A version holds an asset at most once, so two entries of the same asset in a union of
 * versions are two opinions on its ground truth.
 */
export interface Entries {
  /** Assets of which the set has more than one entry, with those entries. */
  contested(serials: SerialSet): AsyncIterable<Contested>
  /** The entries, and all others of the same assets. */
  ofSameAssets(serials: SerialSet): Promise<SerialSet>
  /** Entries of the given assets. */
  ofAssets(assetIds: Iterable<string>): Promise<SerialSet>
  /** Entries with at least one annotation of the label. */
  withLabel(label: string): Promise<SerialSet>
  /** The values of a measure for the entries of a set (and maybe for others). */
  measured(measure: Measure, within: SerialSet): Promise<MeasuredSet>
  /** Entries of assets that came under a name with this in it, in any case. */
  named(text: string): Promise<SerialSet>
  /** Entries of assets of which a prediction set says this. */
  predicted(filter: PredictionFilter): Promise<SerialSet>
  /** The entries of a version. */
  ofVersion(versionId: string): Promise<SerialSet>
  /** Ground truth by serial; for a few thousand serials at a time. */
  groundTruthsOf(serials: readonly number[]): Promise<ReadonlyMap<number, GroundTruth>>
  /** Stores entries and gives their serials in the same order; known ones keep theirs. */
  store(
    entries: readonly { readonly assetId: string; readonly annotationSet: AnnotationSet }[],
  ): Promise<number[]>
}

/** What an entry says of its asset. */
export interface GroundTruth extends ImageFacts {
  readonly assetId: string
  readonly annotations: readonly Annotation[]
}

export interface Contested {
  readonly assetId: string
  readonly serials: readonly number[]
}
