import { type Budget, type Candidate, type ClassShare, type Pick, withinBudget } from '../strategy/budget.ts'
import {
  type Duplicate,
  type DuplicateLimits,
  type Fingerprint,
  withoutDuplicates,
} from '../strategy/duplicates.ts'
import { mostCompared, type Ranked, type Ranking } from './ranking.ts'

export interface Wanted {
  readonly budget: Budget
  readonly minShare: readonly ClassShare[]
  /** Null: duplicates may be taken. */
  readonly duplicates: DuplicateLimits | null
}

/** What is known of the assets beside their rank. */
export interface Known {
  /** The class of each box that the model expects in an asset; asked for only where the budget needs it. */
  readonly labelsOf: (assetIds: readonly string[]) => Promise<ReadonlyMap<string, readonly string[]>>
  readonly fingerprintsOf: (assetIds: readonly string[]) => Promise<ReadonlyMap<string, Fingerprint>>
  /** What is labelled or was mined before: none of the batch may repeat it. */
  readonly given: () => Promise<readonly Fingerprint[]>
}

export type Chosen = Pick<Ranked & Candidate>

export interface Batch {
  /** Best first. */
  readonly chosen: readonly Chosen[]
  /** What would have been chosen. */
  readonly duplicates: readonly Duplicate[]
}

/** Each pass replaces the duplicates of the one before; where nearly all is alike the batch ends up smaller than asked for. */
const mostPasses = 10

/**
 * The batch that a ranking gives within the budget. What repeats a better one of the batch, or what is given, is left out and the next
 * take its place; a strategy that picks picks again without it.
 */
export async function chooseBatch(
  ranking: Ranking,
  { budget, minShare, duplicates }: Wanted,
  known: Known,
): Promise<Batch> {
  const countsBoxes = budget.boxes !== undefined || minShare.length > 0
  const leftOut = new Map<string, Duplicate>()
  for (let pass = 1; ; pass++) {
    const ranked = await ranking.first(reachOf(ranking, budget, minShare), new Set(leftOut.keys()))
    const ids = ranked.map(({ assetId }) => assetId)
    const labels = countsBoxes ? await known.labelsOf(ids) : undefined
    const candidates = ranked.map((one) => ({ ...one, labels: labels?.get(one.assetId) ?? [] }))
    const picks = withinBudget(candidates, budget, minShare)
    if (!duplicates) return { chosen: picks, duplicates: [] }
    const fingerprints = await known.fingerprintsOf(picks.map(({ assetId }) => assetId))
    const found = await withoutDuplicates(
      picks.map((one) => ({ ...one, ...fingerprints.get(one.assetId) })),
      await known.given(),
      duplicates,
    )
    for (const one of found.duplicates) leftOut.set(one.assetId, one)
    if (found.duplicates.length === 0 || pass === mostPasses)
      return { chosen: found.kept, duplicates: [...leftOut.values()] }
  }
}

/** How far down the ranking it may be necessary to look. */
function reachOf({ order }: Ranking, { images, boxes }: Budget, minShare: readonly ClassShare[]): number {
  if (order === 'PICKS') return minShare.length > 0 ? 4 * images : images
  return boxes !== undefined || minShare.length > 0 ? mostCompared : images
}
