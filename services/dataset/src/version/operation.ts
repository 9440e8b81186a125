import { SerialSet } from '../page/serial-set.ts'
import type { LabelBook } from '../label/label.ts'
import type { Resolution } from '../merge/conflict.ts'
import { settleBy } from '../merge/settle.ts'
import { mergeThreeWay } from '../merge/three-way.ts'
import { sampleBalanced } from './balanced-sample.ts'
import type { Entries } from './entries.ts'
import { excludeVersions } from './exclude.ts'
import { type AssetFilter, filterVersion } from './filter.ts'
import { labelAssets, type LabelledAsset } from './labelled.ts'
import { type MergeConflicts, mergeVersions } from './merge.ts'
import { relabelVersion, type Relabelling } from './relabel.ts'
import { countOfFraction, sampleVersion, splitVersion } from './sample.ts'
import { splitByChance, splitStratified } from './split.ts'
import { takeAssets } from './take.ts'
import type { Operation } from './version.ts'

/** What to make of which versions. */
export type Work =
  | {
      readonly operation: 'MERGE'
      readonly versionIds: readonly string[]
      readonly conflicts: MergeConflicts
    }
  | {
      readonly operation: 'EXCLUDE'
      readonly versionId: string
      readonly excludeVersionIds: readonly string[]
    }
  | {
      readonly operation: 'FILTER'
      readonly versionId: string
      readonly labels: readonly string[]
      readonly withoutLabels: readonly string[]
      readonly filter?: AssetFilter
    }
  | {
      readonly operation: 'SAMPLE'
      readonly versionId: string
      readonly amount: Amount
      readonly seed: number
    }
  | {
      readonly operation: 'SPLIT'
      readonly versionId: string
      readonly fraction: number
      readonly seed: number
      readonly part: 'FIRST' | 'SECOND'
    }
  | {
      readonly operation: 'SPLIT'
      readonly versionId: string
      readonly parts: readonly Part[]
      readonly stratified: boolean
      readonly seed: number
      /** Which of them. */
      readonly part: number
    }
  | { readonly operation: 'TAKE'; readonly versionId: string; readonly assetIds: readonly string[] }
  | {
      readonly operation: 'LABELLED'
      readonly versionId: string
      readonly labelled: AsyncIterable<LabelledAsset>
      readonly labellingTaskId: string
    }
  | ({ readonly operation: 'RELABEL'; readonly versionId: string } & Relabelling)
  | { readonly operation: 'COPY'; readonly versionId: string }
  | {
      readonly operation: 'MERGE_THREE_WAY'
      readonly oursId: string
      readonly theirsId: string
      readonly baseId: string
      readonly mergeId: string
      /** By conflict. */
      readonly resolutions: ReadonlyMap<string, Resolution>
    }

/** How much of a version a sample is. */
export type Amount =
  | { readonly count: number }
  | { readonly fraction: number }
  /** Assets for each label; no labels: all. */
  | { readonly perLabel: number; readonly labels: readonly string[] }

/** A part of a split. */
export interface Part {
  readonly name: string
  readonly fraction: number
}

/** What is recorded of work beside its parents. */
export interface Lineage {
  readonly operation: Operation
  readonly parameters: Record<string, unknown>
  readonly seed?: number
}

/** The versions that work is done on, in order: they become the new version's parents. */
export function parentsOf(work: Work): readonly string[] {
  if (work.operation === 'MERGE') return work.versionIds
  if (work.operation === 'MERGE_THREE_WAY') return [work.oursId, work.theirsId]
  if (work.operation === 'EXCLUDE') return [work.versionId, ...work.excludeVersionIds]
  return [work.versionId]
}

/** The versions that work reads: its parents first, then what it compares them with. */
export function sourcesOf(work: Work): readonly string[] {
  return work.operation === 'MERGE_THREE_WAY' ? [...parentsOf(work), work.baseId] : parentsOf(work)
}

/** @param sources the content of `sourcesOf(work)`, in that order */
export function perform(
  work: Work,
  sources: readonly SerialSet[],
  entries: Entries,
  labels: LabelBook,
): Promise<SerialSet> | SerialSet {
  const [first, ...others] = sources as [SerialSet, ...SerialSet[]] // all work has a version to be done on
  switch (work.operation) {
    case 'MERGE':
      return mergeVersions(sources, work.conflicts, entries)
    case 'EXCLUDE':
      return excludeVersions(first, others, entries)
    case 'FILTER':
      return filterVersion(first, work, entries)
    case 'SAMPLE':
      return sampleOf(first, work, entries, labels)
    case 'SPLIT':
      return partOf(first, work, entries, labels)
    case 'TAKE':
      return takeAssets(first, work.assetIds, entries)
    case 'LABELLED':
      return labelAssets(first, work.labelled, labels, entries)
    case 'RELABEL':
      return relabelVersion(first, work, entries)
    case 'COPY':
      return first
    case 'MERGE_THREE_WAY': {
      const [ours, theirs, base] = sources as [SerialSet, SerialSet, SerialSet] // see sourcesOf
      return mergeThreeWay({ base, ours, theirs }, entries, settleBy(work.resolutions))
    }
  }
}

function sampleOf(
  version: SerialSet,
  { amount, seed }: Extract<Work, { operation: 'SAMPLE' }>,
  entries: Entries,
  labels: LabelBook,
): Promise<SerialSet> | SerialSet {
  if ('perLabel' in amount) {
    const balanced = amount.labels.length ? amount.labels : labels.all()
    return sampleBalanced(version, amount.perLabel, balanced, seed, entries)
  }
  const count = 'count' in amount ? amount.count : countOfFraction(version.size, amount.fraction)
  return sampleVersion(version, count, seed)
}

type Split = Extract<Work, { operation: 'SPLIT' }>

async function partOf(
  version: SerialSet,
  split: Split,
  entries: Entries,
  labels: LabelBook,
): Promise<SerialSet> {
  if (!('parts' in split))
    return splitVersion(version, split.fraction, split.seed)[split.part === 'FIRST' ? 0 : 1]
  const fractions = split.parts.map(({ fraction }) => fraction)
  const parts = split.stratified
    ? await splitStratified(version, fractions, labels.all(), split.seed, entries)
    : splitByChance(version, fractions, split.seed)
  return parts[split.part] ?? SerialSet.empty
}

export function lineageOf(work: Work): Lineage {
  switch (work.operation) {
    case 'MERGE':
      return { operation: 'MERGE', parameters: { conflicts: work.conflicts } }
    case 'EXCLUDE':
      return { operation: 'EXCLUDE', parameters: {} }
    case 'FILTER':
      return { operation: 'FILTER', parameters: filterParameters(work) }
    case 'SAMPLE':
      return { operation: 'SAMPLE', parameters: { ...work.amount }, seed: work.seed }
    case 'SPLIT':
      return { operation: 'SPLIT', parameters: splitParameters(work), seed: work.seed }
    case 'TAKE':
      return { operation: 'TAKE', parameters: takeParameters(work.assetIds) }
    case 'LABELLED':
      return { operation: 'LABELLED', parameters: { labellingTaskId: work.labellingTaskId } }
    case 'RELABEL':
      return { operation: 'RELABEL', parameters: { rename: work.rename, drop: work.drop } }
    case 'COPY':
      return { operation: 'COPY', parameters: {} }
    case 'MERGE_THREE_WAY':
      return { operation: 'MERGE_THREE_WAY', parameters: { baseId: work.baseId, mergeId: work.mergeId } }
  }
}

function filterParameters({ labels, withoutLabels, filter }: Work & { operation: 'FILTER' }) {
  const isAsked = filter && Object.keys(filter).length > 0
  return { labels, withoutLabels, ...(isAsked ? { filter } : {}) }
}

function splitParameters(work: Split): Record<string, unknown> {
  if (!('parts' in work)) return { fraction: work.fraction, part: work.part }
  return { parts: work.parts, stratified: work.stratified, part: work.part }
}

/** Short lists are recorded as they are; a long one by its length, as the version itself tells the rest. */
function takeParameters(assetIds: readonly string[]): Record<string, unknown> {
  return assetIds.length <= 1_000 ? { assetIds } : { assetCount: assetIds.length }
}
