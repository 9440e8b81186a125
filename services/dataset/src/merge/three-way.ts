import { annotationSetOf } from '../annotation/annotation.ts'
import { SerialSet } from '../page/serial-set.ts'
import type { Contested, Entries, GroundTruth } from '../version/entries.ts'
import { groupsOf } from '../version/groups.ts'
import { type AssetMerge, mergeAsset } from './asset-merge.ts'
import type { Sides } from './conflict.ts'

/** The two versions to merge, and the one that both come from. */
export interface ThreeVersions {
  readonly base: SerialSet
  readonly ours: SerialSet
  readonly theirs: SerialSet
}

/** Says what becomes of assets that both sides changed, in their order; null: left out. */
export type Settle = (assets: readonly AssetMerge[]) => Promise<(GroundTruth | null)[]>

const settledAtOnce = 1_000

/**
 * Three-way merge. An asset that one side added, removed or changed is taken from there; only assets that both sides changed
 * since the base are looked into (see `mergeAsset`).
 */
export async function mergeThreeWay(
  versions: ThreeVersions,
  entries: Entries,
  settle: Settle,
): Promise<SerialSet> {
  const { base, ours, theirs } = versions
  const common = ours.intersect(theirs)
  const changed = ours.union(theirs).minus(common).minus(base)
  const replaced: number[] = []
  const merged: number[] = []
  const candidates = changed.union(base.minus(common))
  for await (const group of groupsOf(bothChanged(candidates, versions, entries), settledAtOnce)) {
    replaced.push(...group.flatMap(({ serials }) => serials))
    const settled = (await settle(await mergeAssets(group, versions, entries))).filter((one) => one !== null)
    merged.push(...(await entries.store(settled.map(asEntry))))
  }
  return common.union(changed.minus(SerialSet.of(replaced)).union(SerialSet.of(merged)))
}

/** Changed on both sides, or changed on one and removed on the other. */
async function* bothChanged(
  candidates: SerialSet,
  { base, ours, theirs }: ThreeVersions,
  entries: Entries,
): AsyncGenerator<Contested> {
  for await (const contested of entries.contested(candidates)) {
    const isLeftAlone = (side: SerialSet) =>
      contested.serials.some((serial) => base.has(serial) && side.has(serial))
    if (!isLeftAlone(ours) && !isLeftAlone(theirs)) yield contested
  }
}

async function mergeAssets(
  group: readonly Contested[],
  { base, ours, theirs }: ThreeVersions,
  entries: Entries,
): Promise<AssetMerge[]> {
  const truths = await entries.groundTruthsOf(group.flatMap(({ serials }) => serials))
  return group.map(({ assetId, serials }) => {
    const truthIn = (version: SerialSet): GroundTruth | null => {
      const serial = serials.find((one) => version.has(one))
      return serial === undefined ? null : truths.get(serial)!
    }
    const sides: Sides<GroundTruth> = { base: truthIn(base), ours: truthIn(ours), theirs: truthIn(theirs) }
    return mergeAsset(assetId, sides)
  })
}

function asEntry({ assetId, annotations, ...facts }: GroundTruth) {
  return { assetId, annotationSet: annotationSetOf(annotations, facts) }
}
