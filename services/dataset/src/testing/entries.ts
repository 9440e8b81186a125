import type { Annotation, AnnotationSet } from '../annotation/annotation.ts'
import { annotationSetOf } from '../annotation/annotation.ts'
import { type Measure, measuresOf } from '../index/measure.ts'
import type { MeasuredSet } from '../index/measured-set.ts'
import { letsThrough, type PredictionFilter, type Scored } from '../prediction/prediction-filter.ts'
import { SerialSet } from '../page/serial-set.ts'
import type { Contested, Entries, GroundTruth } from '../version/entries.ts'
import { aMeasuredSet } from './measured.ts'

/** Entries in memory, as an oracle for operations. */
export class EntriesInMemory implements Entries {
  /** What `ofVersion` finds. */
  readonly versions = new Map<string, SerialSet>()
  /** Prediction sets, by asset. */
  readonly predictionSets = new Map<string, Readonly<Record<string, readonly Scored[]>>>()
  private readonly entries: { assetId: string; annotationSet: AnnotationSet }[] = []

  /** A version: for each asset the labels of its boxes, all on different places. */
  aVersion(assets: Readonly<Record<string, readonly string[]>>): SerialSet {
    return SerialSet.of(
      Object.entries(assets).map(([assetId, labels]) =>
        this.add(assetId, annotationSetOf(labels.map(boxOf))),
      ),
    )
  }

  /** A version of ground truths as they are. */
  aVersionOf(sets: Readonly<Record<string, AnnotationSet>>): SerialSet {
    return SerialSet.of(Object.entries(sets).map(([assetId, set]) => this.add(assetId, set)))
  }

  /** The ground truths of a version by asset. */
  setsOf(version: SerialSet): Record<string, AnnotationSet> {
    return Object.fromEntries(
      [...version].map((serial) => {
        const { assetId, annotationSet } = this.entries[serial]!
        return [assetId, annotationSet]
      }),
    )
  }

  /** What a version holds, in the form that `aVersion` takes. */
  contentOf(version: SerialSet): Record<string, string[]> {
    return Object.fromEntries(
      [...version].map((serial) => {
        const { assetId, annotationSet } = this.entries[serial]!
        return [assetId, annotationSet.annotations.map(({ label }) => label)]
      }),
    )
  }

  async *contested(serials: SerialSet): AsyncGenerator<Contested> {
    const byAsset = new Map<string, number[]>()
    for (const serial of serials) {
      const { assetId } = this.entries[serial]!
      byAsset.set(assetId, [...(byAsset.get(assetId) ?? []), serial])
    }
    for (const [assetId, group] of byAsset) if (group.length > 1) yield { assetId, serials: group }
  }

  ofSameAssets(serials: SerialSet): Promise<SerialSet> {
    return this.ofAssets([...serials].map((serial) => this.entries[serial]!.assetId))
  }

  ofAssets(assetIds: Iterable<string>): Promise<SerialSet> {
    const wanted = new Set(assetIds)
    return this.where(({ assetId }) => wanted.has(assetId))
  }

  withLabel(label: string): Promise<SerialSet> {
    return this.where(({ annotationSet }) => annotationSet.annotations.some((one) => one.label === label))
  }

  measured(measure: Measure): Promise<MeasuredSet> {
    const values = this.entries.map(
      ({ annotationSet }) => measuresOf({ ...annotationSet, width: 64, height: 48 }).get(measure) ?? 0,
    )
    return Promise.resolve(aMeasuredSet(new Map(values.entries())))
  }

  /** An asset's name is its id. */
  named(text: string): Promise<SerialSet> {
    return this.where(({ assetId }) => assetId.toLowerCase().includes(text.toLowerCase()))
  }

  predicted(filter: PredictionFilter): Promise<SerialSet> {
    const predictions = this.predictionSets.get(filter.setId) ?? {}
    return this.where(({ assetId }) => letsThrough(filter, predictions[assetId] ?? []))
  }

  ofVersion(versionId: string): Promise<SerialSet> {
    return Promise.resolve(this.versions.get(versionId) ?? SerialSet.empty)
  }

  groundTruthsOf(serials: readonly number[]): Promise<ReadonlyMap<number, GroundTruth>> {
    return Promise.resolve(
      new Map(
        serials.map((serial) => {
          const { assetId, annotationSet } = this.entries[serial]!
          return [serial, { assetId, ...annotationSet }]
        }),
      ),
    )
  }

  store(
    entries: readonly { readonly assetId: string; readonly annotationSet: AnnotationSet }[],
  ): Promise<number[]> {
    return Promise.resolve(entries.map(({ assetId, annotationSet }) => this.add(assetId, annotationSet)))
  }

  private add(assetId: string, annotationSet: AnnotationSet): number {
    const known = this.entries.findIndex(
      (entry) => entry.assetId === assetId && entry.annotationSet.hash === annotationSet.hash,
    )
    return known >= 0 ? known : this.entries.push({ assetId, annotationSet }) - 1
  }

  private where(
    matches: (entry: { assetId: string; annotationSet: AnnotationSet }) => boolean,
  ): Promise<SerialSet> {
    return Promise.resolve(
      SerialSet.of(this.entries.flatMap((entry, serial) => (matches(entry) ? [serial] : []))),
    )
  }
}

/** The same label always on the same place, two labels on places that do not touch. */
function boxOf(label: string): Annotation {
  const x = (label.charCodeAt(0) - 'a'.charCodeAt(0)) * 20
  return { label, box: { x, y: 0, width: 10, height: 10 }, difficult: false, truncated: false, crowd: false }
}
