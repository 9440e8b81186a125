import type { SerialSet } from '../page/serial-set.ts'
import type { Entries } from './entries.ts'

/** How many assets one version has that the other has not, and how many have another ground truth. */
export interface Diff {
  readonly added: number
  readonly removed: number
  readonly changed: number
}

/** Looks only at entries that are not in both. */
export async function diffVersions(from: SerialSet, to: SerialSet, entries: Entries): Promise<Diff> {
  const added = to.minus(from)
  const removed = from.minus(to)
  let changed = 0
  for await (const _ of entries.contested(added.union(removed))) changed++
  return { added: added.size - changed, removed: removed.size - changed, changed }
}
