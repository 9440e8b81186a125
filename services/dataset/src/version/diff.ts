import { batchesOf } from '../asset/entry.store.ts'
import { SerialSet } from '../page/serial-set.ts'
import type { Entries } from './entries.ts'

/** How many assets one version has that the other has not, and how many have another ground truth. */
export interface Diff {
  readonly added: number
  readonly removed: number
  readonly changed: number
}

/** An asset that is different in two versions, by the serials of its entries there. */
export type Change =
  | { readonly kind: 'ADDED'; readonly to: number }
  | { readonly kind: 'REMOVED'; readonly from: number }
  | { readonly kind: 'CHANGED'; readonly from: number; readonly to: number }

export const ChangeKind = { ADDED: 'ADDED', REMOVED: 'REMOVED', CHANGED: 'CHANGED' } as const

/** Looks only at entries that are not in both. */
export async function diffVersions(from: SerialSet, to: SerialSet, entries: Entries): Promise<Diff> {
  const added = to.minus(from)
  const removed = from.minus(to)
  let changed = 0
  for await (const _ of entries.contested(added.union(removed))) changed++
  return { added: added.size - changed, removed: removed.size - changed, changed }
}

const lookedAtAtOnce = 500

/** A change's place in the order of changes. */
export function placeOf(change: Change): number {
  return change.kind === 'REMOVED' ? change.from : change.to
}

/**
 * The changes after a place, in their order: by the serial of the new entry, or of the old one where there is no new one. Costs
 * as much as what is taken of it, however much more is different.
 */
export async function* changesAfter(
  place: number,
  from: SerialSet,
  to: SerialSet,
  entries: Entries,
): AsyncGenerator<Change> {
  const added = to.minus(from)
  const all = added.union(from.minus(to))
  for (const serials of batchesOf(all.after(place), lookedAtAtOnce)) {
    const ofTheirAssets = all.intersect(await entries.ofSameAssets(SerialSet.of(serials)))
    const oldEntryOf = new Map<number, number>()
    const replaced = new Set<number>()
    for await (const contested of entries.contested(ofTheirAssets)) {
      const [one, other] = contested.serials as [number, number] // a version has an asset once
      const [before, after] = added.has(one) ? [other, one] : [one, other]
      oldEntryOf.set(after, before)
      replaced.add(before)
    }
    for (const serial of serials) {
      const before = oldEntryOf.get(serial)
      if (before !== undefined) yield { kind: 'CHANGED', from: before, to: serial }
      else if (added.has(serial)) yield { kind: 'ADDED', to: serial }
      else if (!replaced.has(serial)) yield { kind: 'REMOVED', from: serial }
    }
  }
}
