import { SerialSet } from '../page/serial-set.ts'
import type { Entries } from './entries.ts'
import { sampleVersion } from './sample.ts'

/**
 * A sample in which each label is in `perLabel` assets, or in all that have it. Labels are served from the rarest to the most
 * frequent; assets chosen for one count for all that they show, so a label can come out more often but never less.
 * @param labels those to balance; ones that do not occur change nothing
 */
export async function sampleBalanced(
  version: SerialSet,
  perLabel: number,
  labels: readonly string[],
  seed: number,
  entries: Entries,
): Promise<SerialSet> {
  let chosen = SerialSet.empty
  for (const [index, { assets }] of (await labelsByRarity(version, labels, entries)).entries()) {
    const missing = perLabel - chosen.intersect(assets).size
    // a seed of its own for each label: what is drawn for one does not shift what is drawn for the next
    if (missing > 0) chosen = chosen.union(sampleVersion(assets.minus(chosen), missing, seed + index))
  }
  return chosen
}

/** Labels that occur with the assets that show them, the rarest first, equal ones by name. */
export async function labelsByRarity(
  version: SerialSet,
  labels: readonly string[],
  entries: Entries,
): Promise<{ readonly label: string; readonly assets: SerialSet }[]> {
  const found: { label: string; assets: SerialSet; size: number }[] = []
  for (const label of labels) {
    const assets = version.intersect(await entries.withLabel(label))
    if (assets.size > 0) found.push({ label, assets, size: assets.size })
  }
  return found.sort((one, other) => one.size - other.size || (one.label < other.label ? -1 : 1))
}
