import { SerialSet } from '../page/serial-set.ts'
import type { Entries } from './entries.ts'

/** Names of labels. */
export interface LabelFilter {
  /** Assets with any of these; empty: all assets. */
  readonly labels: readonly string[]
  /** Assets with none of these. */
  readonly withoutLabels: readonly string[]
}

/** The assets of a version that a filter lets through, with all their annotations. */
export async function filterVersion(
  version: SerialSet,
  { labels, withoutLabels }: LabelFilter,
  entries: Entries,
): Promise<SerialSet> {
  const wanted = labels.length ? version.intersect(await withAnyOf(labels, entries)) : version
  return wanted.minus(await withAnyOf(withoutLabels, entries))
}

async function withAnyOf(labels: readonly string[], entries: Entries): Promise<SerialSet> {
  let found = SerialSet.empty
  for (const label of labels) found = found.union(await entries.withLabel(label))
  return found
}
