import { SerialSet } from '../page/serial-set.ts'
import type { Entries } from './entries.ts'

/** A version without the assets of others, whatever ground truth they have there. */
export async function excludeVersions(
  from: SerialSet,
  others: readonly SerialSet[],
  entries: Entries,
): Promise<SerialSet> {
  const excluded = others.reduce((all, other) => all.union(other), SerialSet.empty)
  return from.minus(await entries.ofSameAssets(excluded))
}
