import { seededRandom } from '@ymir/detection'
import { SerialSet } from '../page/serial-set.ts'
import { labelsByRarity } from './balanced-sample.ts'
import type { Entries } from './entries.ts'

/**
 * Parts by chance whose sizes are exact: each asset goes to a part with the chance of what that part still lacks (selection
 * sampling, Knuth, TAOCP 3.4.2, for many parts).
 * @param fractions of each part; their sum is 1
 */
export function splitByChance(version: SerialSet, fractions: readonly number[], seed: number): SerialSet[] {
  const random = seededRandom(seed)
  const lacking = sizesOf(version.size, fractions)
  const parts = fractions.map((): number[] => [])
  let left = version.size
  for (const serial of version) {
    let ticket = random() * left--
    let part = 0
    while (ticket >= lacking[part]! && part < parts.length - 1) ticket -= lacking[part++]!
    lacking[part]!--
    parts[part]!.push(serial)
  }
  return parts.map((serials) => SerialSet.of(serials))
}

/**
 * Parts that each have their fraction of every label: iterative stratification (Sechidis, Tsoumakas and Vlahavas, "On the
 * Stratification of Multi-Label Data", 2011, algorithm 1). The assets of the label with the fewest left are dealt first, each to
 * the part that lacks that label most, then to the one that lacks assets most, then by chance. Sizes are near the fractions, not
 * exact; assets without a label are dealt last and even them out.
 * @param labels those to balance; ones that do not occur change nothing
 */
export async function splitStratified(
  version: SerialSet,
  fractions: readonly number[],
  labels: readonly string[],
  seed: number,
  entries: Entries,
): Promise<SerialSet[]> {
  const assets = shuffled([...version], seededRandom(seed))
  const strata = await labelsByRarity(version, labels, entries)
  const { placesWith, labelsAt } = crossIndex(assets, strata)
  const table = new Shortages(
    fractions,
    assets.length,
    strata.map((stratum) => stratum.assets.size),
    seededRandom(seed + 1),
  )
  const parts = fractions.map((): number[] => [])
  const deal = (place: number, label?: number) => {
    if (!table.isDealt(place)) parts[table.deal(place, labelsAt(place), label)]!.push(assets[place]!)
  }
  for (let label = table.rarest(); label !== undefined; label = table.rarest())
    for (const place of placesWith[label]!) deal(place, label)
  for (const place of assets.keys()) deal(place)
  return parts.map((serials) => SerialSet.of(serials))
}

/** What each part still lacks, of assets and of each label. */
class Shortages {
  private readonly ofAssets: number[]
  private readonly ofLabel: number[][]
  private readonly left: number[]
  private readonly dealt: Uint8Array

  constructor(
    fractions: readonly number[],
    assetCount: number,
    labelCounts: readonly number[],
    private readonly random: () => number,
  ) {
    this.ofAssets = fractions.map((fraction) => fraction * assetCount)
    this.ofLabel = labelCounts.map((count) => fractions.map((fraction) => fraction * count))
    this.left = [...labelCounts]
    this.dealt = new Uint8Array(assetCount)
  }

  isDealt(place: number): boolean {
    return this.dealt[place] === 1
  }

  /** The label with the fewest assets left; undefined when none has any. */
  rarest(): number | undefined {
    let rarest: number | undefined
    for (const [label, count] of this.left.entries())
      if (count > 0 && (rarest === undefined || count < this.left[rarest]!)) rarest = label
    return rarest
  }

  /** Chooses the part that needs the asset most, for one of its labels if given. */
  deal(place: number, labels: Iterable<number>, label?: number): number {
    const wanted = label === undefined ? this.ofAssets : this.ofLabel[label]!
    const part = this.neediest(wanted)
    this.dealt[place] = 1
    this.ofAssets[part]!--
    for (const each of labels) {
      this.ofLabel[each]![part]!--
      this.left[each]!--
    }
    return part
  }

  private neediest(wanted: readonly number[]): number {
    const most = Math.max(...wanted)
    const candidates = [...wanted.keys()].filter((part) => wanted[part] === most)
    const largest = Math.max(...candidates.map((part) => this.ofAssets[part]!))
    const best = candidates.filter((part) => this.ofAssets[part] === largest)
    return best.length === 1 ? best[0]! : best[Math.floor(this.random() * best.length)]!
  }
}

/** Which places have a label, and which labels a place has; labels by number. Flat arrays: there may be ten million assets. */
function crossIndex(assets: readonly number[], strata: readonly { readonly assets: SerialSet }[]) {
  const placeOf = new Int32Array(assets.reduce((most, serial) => Math.max(most, serial), -1) + 1)
  assets.forEach((serial, place) => (placeOf[serial] = place))
  const placesWith = strata.map((stratum) =>
    Int32Array.from(stratum.assets, (serial) => placeOf[serial]!).sort(),
  )
  const starts = new Int32Array(assets.length + 1)
  for (const places of placesWith) for (const place of places) starts[place + 1]!++
  for (let place = 0; place < assets.length; place++) starts[place + 1]! += starts[place]!
  const labels = new Int32Array(starts[assets.length]!)
  const next = starts.slice()
  placesWith.forEach((places, label) => places.forEach((place) => (labels[next[place]!++] = label)))
  return { placesWith, labelsAt: (place: number) => labels.subarray(starts[place], starts[place + 1]) }
}

/** Whole sizes that add up, each within one of its fraction. */
function sizesOf(total: number, fractions: readonly number[]): number[] {
  let sum = 0
  let given = 0
  return fractions.map((fraction) => {
    sum += fraction
    const size = Math.min(total, Math.round(total * sum)) - given
    given += size
    return size
  })
}

/** Fisher and Yates. */
function shuffled(values: number[], random: () => number): number[] {
  for (let last = values.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    ;[values[last], values[other]] = [values[other]!, values[last]!]
  }
  return values
}
