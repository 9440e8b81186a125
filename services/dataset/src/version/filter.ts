import {
  keyMeasure,
  labelMeasure,
  type Measure,
  measures,
  tagMeasure,
  valueMeasure,
} from '../index/measure.ts'
import type { PredictionFilter } from '../prediction/prediction-filter.ts'
import { SerialSet } from '../page/serial-set.ts'
import type { Entries } from './entries.ts'

/** Names of labels. */
export interface LabelFilter {
  /** Assets with any of these; empty: all assets. */
  readonly labels: readonly string[]
  /** Assets with none of these. */
  readonly withoutLabels: readonly string[]
}

/** Whole numbers from `min` to `max`, both included; no border where one is missing. */
export interface Range {
  readonly min?: number
  readonly max?: number
}

/** What is wanted of assets; all of it must hold, and nothing is asked where a part is missing. */
export interface AssetFilter {
  readonly anyLabels?: readonly string[]
  readonly allLabels?: readonly string[]
  readonly noLabels?: readonly string[]
  readonly anyTags?: readonly string[]
  readonly allTags?: readonly string[]
  readonly noTags?: readonly string[]
  readonly annotationCount?: Range
  readonly labelCounts?: readonly (Range & { readonly label: string })[]
  /** Pixels. */
  readonly imageWidth?: Range
  readonly imageHeight?: Range
  /** Square root of a box's area in pixels, rounded down; assets without a box have none. */
  readonly smallestBoxSide?: Range
  readonly largestBoxSide?: Range
  /** The key is there, with the value if one is given. */
  readonly metadata?: readonly { readonly key: string; readonly value?: string }[]
  /** Part of a name under which the image came, in any case. */
  readonly nameContains?: string
  /** Versions: assets that each of them has, with whatever ground truth. */
  readonly importedFrom?: readonly string[]
  readonly predictions?: PredictionFilter
}

/** The assets of a version that a filter lets through, with all their annotations. */
export function filterVersion(
  version: SerialSet,
  { labels, withoutLabels, filter = {} }: LabelFilter & { readonly filter?: AssetFilter },
  entries: Entries,
): Promise<SerialSet> {
  const ofLabels = {
    ...(labels.length ? { anyLabels: labels } : {}),
    noLabels: withoutLabels,
  }
  return filterAssets(version, ofLabels, entries).then((rest) => filterAssets(rest, filter, entries))
}

/** Those of a set that a filter lets through: bitmaps only, no entry is looked at. */
export async function filterAssets(
  set: SerialSet,
  filter: AssetFilter,
  entries: Entries,
): Promise<SerialSet> {
  let kept = await ofWords(set, filter, entries)
  for (const [measure, range] of rangesOf(filter))
    kept = (await entries.measured(measure, kept)).between(kept, range.min, range.max)
  for (const { key, value } of filter.metadata ?? [])
    kept = await withAny(kept, [value === undefined ? keyMeasure(key) : valueMeasure(key, value)], entries)
  for (const versionId of filter.importedFrom ?? [])
    kept = kept.intersect(await entries.ofSameAssets(await entries.ofVersion(versionId)))
  if (filter.predictions) kept = kept.intersect(await entries.predicted(filter.predictions))
  return filter.nameContains ? kept.intersect(await entries.named(filter.nameContains)) : kept
}

/** The conditions on labels and tags. */
async function ofWords(set: SerialSet, filter: AssetFilter, entries: Entries): Promise<SerialSet> {
  let kept = set
  const { anyLabels, allLabels = [], noLabels = [], anyTags, allTags = [], noTags = [] } = filter
  if (anyLabels) kept = await withAny(kept, anyLabels.map(labelMeasure), entries)
  if (anyTags) kept = await withAny(kept, anyTags.map(tagMeasure), entries)
  for (const measure of [...allLabels.map(labelMeasure), ...allTags.map(tagMeasure)])
    kept = await withAny(kept, [measure], entries)
  const unwanted = [...noLabels.map(labelMeasure), ...noTags.map(tagMeasure)]
  return kept.minus(await withAny(kept, unwanted, entries))
}

async function withAny(set: SerialSet, wanted: readonly Measure[], entries: Entries): Promise<SerialSet> {
  let found = SerialSet.empty
  for (const measure of wanted) found = found.union((await entries.measured(measure, set)).between(set, 1))
  return found
}

function rangesOf(filter: AssetFilter): [Measure, Range][] {
  const ofImage: [Measure, Range | undefined][] = [
    [measures.annotations, filter.annotationCount],
    [measures.width, filter.imageWidth],
    [measures.height, filter.imageHeight],
    [measures.smallestBoxSide, onBoxes(filter.smallestBoxSide)],
    [measures.largestBoxSide, onBoxes(filter.largestBoxSide)],
  ]
  const ofLabels = (filter.labelCounts ?? []).map(({ label, ...range }): [Measure, Range] => [
    labelMeasure(label),
    range,
  ])
  return [...ofImage, ...ofLabels].filter((one): one is [Measure, Range] => one[1] !== undefined)
}

/** The measure is 0 where there is no box, which is no size of a box. */
function onBoxes(range: Range | undefined): Range | undefined {
  return range && { ...range, min: Math.max(1, range.min ?? 1) }
}
