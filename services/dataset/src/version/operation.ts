import type { SerialSet } from '../page/serial-set.ts'
import type { LabelBook } from '../label/label.ts'
import type { Entries } from './entries.ts'
import { excludeVersions } from './exclude.ts'
import { type AssetFilter, filterVersion } from './filter.ts'
import { labelAssets, type LabelledAsset } from './labelled.ts'
import { type MergeConflicts, mergeVersions } from './merge.ts'
import { countOfFraction, sampleVersion, splitVersion } from './sample.ts'
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
      readonly amount: { readonly count: number } | { readonly fraction: number }
      readonly seed: number
    }
  | {
      readonly operation: 'SPLIT'
      readonly versionId: string
      readonly fraction: number
      readonly seed: number
      readonly part: 'FIRST' | 'SECOND'
    }
  | { readonly operation: 'TAKE'; readonly versionId: string; readonly assetIds: readonly string[] }
  | {
      readonly operation: 'LABELLED'
      readonly versionId: string
      readonly labelled: AsyncIterable<LabelledAsset>
      readonly labellingTaskId: string
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
  if (work.operation === 'EXCLUDE') return [work.versionId, ...work.excludeVersionIds]
  return [work.versionId]
}

/** @param parents the content of `parentsOf(work)`, in that order */
export function perform(
  work: Work,
  parents: readonly SerialSet[],
  entries: Entries,
  labels: LabelBook,
): Promise<SerialSet> | SerialSet {
  const [first, ...others] = parents as [SerialSet, ...SerialSet[]] // all work has a version to be done on
  switch (work.operation) {
    case 'MERGE':
      return mergeVersions(parents, work.conflicts, entries)
    case 'EXCLUDE':
      return excludeVersions(first, others, entries)
    case 'FILTER':
      return filterVersion(first, work, entries)
    case 'SAMPLE':
      return sampleVersion(first, countOf(work.amount, first), work.seed)
    case 'SPLIT':
      return splitVersion(first, work.fraction, work.seed)[work.part === 'FIRST' ? 0 : 1]
    case 'TAKE':
      return takeAssets(first, work.assetIds, entries)
    case 'LABELLED':
      return labelAssets(first, work.labelled, labels, entries)
  }
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
      return { operation: 'SPLIT', parameters: { fraction: work.fraction, part: work.part }, seed: work.seed }
    case 'TAKE':
      return { operation: 'TAKE', parameters: takeParameters(work.assetIds) }
    case 'LABELLED':
      return { operation: 'LABELLED', parameters: { labellingTaskId: work.labellingTaskId } }
  }
}

function filterParameters({ labels, withoutLabels, filter }: Work & { operation: 'FILTER' }) {
  const isAsked = filter && Object.keys(filter).length > 0
  return { labels, withoutLabels, ...(isAsked ? { filter } : {}) }
}

/** Short lists are recorded as they are; a long one by its length, as the version itself tells the rest. */
function takeParameters(assetIds: readonly string[]): Record<string, unknown> {
  return assetIds.length <= 1_000 ? { assetIds } : { assetCount: assetIds.length }
}

function countOf(
  amount: { readonly count: number } | { readonly fraction: number },
  version: SerialSet,
): number {
  return 'count' in amount ? amount.count : countOfFraction(version.size, amount.fraction)
}
