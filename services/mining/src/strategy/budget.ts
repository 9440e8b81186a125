/** What may be spent. */
export interface Budget {
  /** Images, at most. */
  readonly images: number
  /** Boxes that the model expects in them, at most; left out: any number. */
  readonly boxes?: number
}

/** The least share of the budget, 0..1, that images of a class make up: of the boxes where these are limited, else of the images. */
export interface ClassShare {
  readonly label: string
  readonly share: number
}

export interface Candidate {
  readonly assetId: string
  /** The class of each expected box. */
  readonly labels: readonly string[]
}

export type BudgetPick<One extends Candidate> = One & {
  /** The class whose share it was picked to fill; undefined: the strategy's order picked it. */
  readonly forShareOf?: string
}

/**
 * Picks in the strategy's order as far as the budget goes. First each class gets images that are expected to hold it, until
 * they are its share of the budget, the class of the fewest candidates first; then the best of the rest. A budget in boxes
 * skips an image that no longer fits, and ends the picking when it is spent; until then an image without boxes costs 0 of it.
 * @param ranked best first
 * @throws RangeError when the shares are out of 0..1, sum to more than 1, or name a class twice
 */
export function withinBudget<One extends Candidate>(
  ranked: readonly One[],
  budget: Budget,
  minimumShares: readonly ClassShare[] = [],
): BudgetPick<One>[] {
  checkShares(minimumShares)
  const inBoxes = budget.boxes !== undefined
  const limit = budget.boxes ?? budget.images
  const picked = new Map<One, string | undefined>()
  let boxesLeft = budget.boxes ?? Infinity
  const take = (one: One, forShareOf?: string): boolean => {
    const isSpent = picked.size >= budget.images || boxesLeft <= 0
    if (isSpent || picked.has(one) || (inBoxes && one.labels.length > boxesLeft)) return false
    picked.set(one, forShareOf)
    boxesLeft -= one.labels.length
    return true
  }
  for (const { label, share } of rarestFirst(minimumShares, ranked)) {
    const worth = ({ labels }: Candidate) =>
      inBoxes ? labels.filter((one) => one === label).length : Number(labels.includes(label))
    let missing = share * limit - [...picked.keys()].reduce((sum, one) => sum + worth(one), 0)
    for (const one of ranked) {
      if (missing <= 0) break
      if (worth(one) > 0 && take(one, label)) missing -= worth(one)
    }
  }
  for (const one of ranked) take(one)
  return ranked.flatMap((one) => {
    if (!picked.has(one)) return []
    const forShareOf = picked.get(one)
    return [forShareOf === undefined ? one : { ...one, forShareOf }]
  })
}

function rarestFirst(shares: readonly ClassShare[], ranked: readonly Candidate[]): ClassShare[] {
  const holders = new Map<string, number>()
  for (const { labels } of ranked)
    for (const label of new Set(labels)) holders.set(label, (holders.get(label) ?? 0) + 1)
  return shares.toSorted(
    (a, b) => (holders.get(a.label) ?? 0) - (holders.get(b.label) ?? 0) || (a.label < b.label ? -1 : 1),
  )
}

/** @throws RangeError that says what is wrong with the shares */
export function checkShares(shares: readonly ClassShare[]): void {
  const labels = new Set<string>()
  for (const { label, share } of shares) {
    if (!(share >= 0 && share <= 1)) throw new RangeError(`share ${share} of class ${label} is not in 0..1`)
    if (labels.has(label)) throw new RangeError(`class ${label} has two minimum shares: give one`)
    labels.add(label)
  }
  const total = shares.reduce((sum, { share }) => sum + share, 0)
  if (total > 1 + 1e-9)
    throw new RangeError(`the classes' minimum shares sum to ${total}: give no more than 1`)
}
