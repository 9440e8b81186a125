import {
  type Budget,
  type BudgetPick,
  type Candidate,
  type ClassShare,
  withinBudget,
} from '../strategy/budget.ts'
import {
  type Duplicate,
  type DuplicateLimits,
  type Fingerprint,
  limitsFor,
  repeatsOf,
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

export type Chosen = BudgetPick<Ranked & Candidate>

export interface Batch {
  /** Best first. */
  readonly chosen: readonly Chosen[]
  /** What would have been chosen. */
  readonly duplicates: readonly Duplicate[]
}

/** Passes of a strategy that picks: each picks a whole batch anew. */
const mostPicks = 10
/** Comparisons of two images: about a minute. Where nearly all is alike, the batch ends up smaller than asked for. */
const mostComparisons = 3e9

/**
 * The batch that a ranking gives within the budget. What repeats a better one of the batch, or what is given, is left out and the next
 * take its place; a strategy that picks picks again without it.
 */
export async function chooseBatch(
  ranking: Ranking,
  { budget, minShare, duplicates: asked }: Wanted,
  known: Known,
): Promise<Batch> {
  const leftOut = new Map<string, Duplicate>()
  const comparedWithGiven = new Set<string>()
  let comparisons = 0
  let limits: DuplicateLimits | undefined
  for (let pass = 1; ; pass++) {
    const picks = await picksOf(ranking, { budget, minShare }, known, new Set(leftOut.keys()))
    if (!asked) return { chosen: picks, duplicates: [] }
    const given = await known.given()
    const next = (await nextOf(ranking, budget, leftOut)).map(({ assetId }) => assetId)
    const fingerprints = await known.fingerprintsOf([...picks.map(({ assetId }) => assetId), ...next])
    const batch = picks.map((one) => ({ ...one, ...fingerprints.get(one.assetId) }))
    limits ??= limitsFor([...fingerprints.values()], asked)
    const fresh = batch.filter(({ assetId }) => !comparedWithGiven.has(assetId))
    const repeats = await repeatsOf(given, fresh, limits)
    const repeated = new Set(repeats.map(({ assetId }) => assetId))
    for (const { assetId } of fresh) comparedWithGiven.add(assetId)
    const { kept, duplicates } = await withoutDuplicates(
      batch.filter(({ assetId }) => !repeated.has(assetId)),
      limits,
    )
    for (const one of [...repeats, ...duplicates]) leftOut.set(one.assetId, one)
    comparisons += fresh.length * given.length + batch.length ** 2
    const isSpent = comparisons > mostComparisons || (ranking.order === 'PICKS' && pass === mostPicks)
    if (kept.length === batch.length || isSpent) return { chosen: kept, duplicates: [...leftOut.values()] }
  }
}

async function picksOf(
  ranking: Ranking,
  { budget, minShare }: Pick<Wanted, 'budget' | 'minShare'>,
  { labelsOf }: Known,
  leftOut: ReadonlySet<string>,
): Promise<Chosen[]> {
  const countsBoxes = budget.boxes !== undefined || minShare.length > 0
  const ranked = await ranking.first(reachOf(ranking, budget, minShare), leftOut)
  const labels = countsBoxes ? await labelsOf(ranked.map(({ assetId }) => assetId)) : undefined
  return withinBudget(
    ranked.map((one) => ({ ...one, labels: labels?.get(one.assetId) ?? [] })),
    budget,
    minShare,
  )
}

/** As many as tell how far apart images usually are. */
const leastAhead = 64

/** What may be picked in the passes to come, twice as many when they are used up: not to ask for a few in each pass. */
async function nextOf(
  ranking: Ranking,
  { images }: Budget,
  leftOut: ReadonlyMap<string, Duplicate>,
): Promise<Ranked[]> {
  if (ranking.order === 'PICKS') return []
  const ahead = Math.max(leastAhead, 2 * 2 ** Math.ceil(Math.log2(images + leftOut.size)))
  return ranking.first(ahead - leftOut.size, new Set(leftOut.keys()))
}

/** How far down the ranking it may be necessary to look. */
function reachOf({ order }: Ranking, { images, boxes }: Budget, minShare: readonly ClassShare[]): number {
  if (order === 'PICKS') return minShare.length > 0 ? 4 * images : images
  return boxes !== undefined || minShare.length > 0 ? mostCompared : images
}
