import type { SerialSet } from '../page/serial-set.ts'
import type { Entries } from './entries.ts'

/** Assets were named that a version does not hold. */
export class AssetsMissing extends Error {
  readonly code = 'ASSETS_MISSING'
  constructor(
    readonly missingCount: number,
    /** Some of them. */
    readonly assetIds: readonly string[],
  ) {
    super(
      `${missingCount} of the assets ${missingCount === 1 ? 'is' : 'are'} not in the version, e.g. ${assetIds[0]}`,
    )
  }
}

/**
 * The named assets of a version with their ground truth there.
 * @throws AssetsMissing when one is not in the version
 */
export async function takeAssets(
  version: SerialSet,
  assetIds: Iterable<string>,
  entries: Entries,
): Promise<SerialSet> {
  const wanted = new Set(assetIds)
  const taken = version.intersect(await entries.ofAssets(wanted))
  const missingCount = wanted.size - taken.size
  if (missingCount > 0) throw new AssetsMissing(missingCount, await missingOf(version, wanted, entries))
  return taken
}

const namedAtMost = 10

/** Some of the named assets that a version does not hold. */
export async function missingOf(
  version: SerialSet,
  wanted: Iterable<string>,
  entries: Entries,
): Promise<string[]> {
  const missing: string[] = []
  for (const id of wanted) {
    if (missing.length === namedAtMost) break
    if (version.intersect(await entries.ofAssets([id])).size === 0) missing.push(id)
  }
  return missing
}
