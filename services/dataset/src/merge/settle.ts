import { resolveAsset } from './asset-merge.ts'
import type { Resolution } from './conflict.ts'
import type { Settle } from './three-way.ts'

/** A merge was to be finished with conflicts that nobody has settled. */
export class ConflictsLeft extends Error {
  readonly code = 'MERGE_CONFLICT'
  constructor(
    /** The first ones found. */
    readonly keys: readonly string[],
  ) {
    super(`${keys.length} or more conflicts are not settled: settle them with resolveMergeConflicts`)
  }
}

/**
 * Settles conflicts as people decided.
 * @throws ConflictsLeft when there is one that nobody decided
 */
export function settleBy(resolutions: ReadonlyMap<string, Resolution>): Settle {
  return (assets) => {
    const keys = assets.flatMap(({ conflicts }) => conflicts.map(({ key }) => key))
    const left = keys.filter((key) => !resolutions.has(key))
    if (left.length > 0) return Promise.reject(new ConflictsLeft(left.slice(0, 100)))
    return Promise.resolve(assets.map((asset) => resolveAsset(asset, ({ key }) => resolutions.get(key)!)))
  }
}
