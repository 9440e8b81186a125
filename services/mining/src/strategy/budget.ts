/** What may be spent: on images, or on the boxes that the model expects in them. */
export type Budget = { readonly in: 'IMAGES' | 'BOXES'; readonly limit: number }

/** Why an asset was picked: the term of the strategy, or the class whose share had to be filled. */
export type Reason =
  | { readonly kind: 'TERM'; readonly term: string; readonly score: number }
  | { readonly kind: 'CLASS_SHARE'; readonly label: number }

export interface Candidate {
  readonly assetId: string
  readonly score: number
  /** The term that decided its score. */
  readonly term: string
  /** The class of each expected box. */
  readonly labels: readonly number[]
}

export interface Pick {
  readonly assetId: string
  readonly reason: Reason
}

/**
 * Picks in the strategy's order as far as the budget goes. First each class gets images that are expected to hold it, until
 * they are its share of the budget, the class of the fewest candidates first; then the best of the rest. A budget in boxes
 * skips an image that no longer fits; an image without boxes costs 0 of it.
 * @param ranked best first
 * @param minimumShares per class in 0..1, of the budget
 * @throws RangeError when the shares are out of 0..1 or sum to more than 1
 */
export function withinBudget(
  ranked: readonly Candidate[],
  budget: Budget,
  minimumShares: ReadonlyMap<number, number> = new Map(),
): Pick[] {
  checkShares(minimumShares)
  const costOf = ({ labels }: Candidate) => (budget.in === 'IMAGES' ? 1 : labels.length)
  const picked = new Map<Candidate, Reason>()
  let left = budget.limit
  const take = (one: Candidate, reason: Reason): boolean => {
    if (picked.has(one) || costOf(one) > left) return false
    picked.set(one, reason)
    left -= costOf(one)
    return true
  }
  for (const [label, share] of rarestFirst(minimumShares, ranked)) {
    const worth = ({ labels }: Candidate) =>
      budget.in === 'IMAGES' ? Number(labels.includes(label)) : labels.filter((one) => one === label).length
    let missing = share * budget.limit - [...picked.keys()].reduce((sum, one) => sum + worth(one), 0)
    for (const one of ranked) {
      if (missing <= 0) break
      if (worth(one) > 0 && take(one, { kind: 'CLASS_SHARE', label })) missing -= worth(one)
    }
  }
  for (const one of ranked) take(one, { kind: 'TERM', term: one.term, score: one.score })
  return ranked.flatMap((one) => {
    const reason = picked.get(one)
    return reason ? [{ assetId: one.assetId, reason }] : []
  })
}

function rarestFirst(shares: ReadonlyMap<number, number>, ranked: readonly Candidate[]): [number, number][] {
  const holders = (label: number) => ranked.filter(({ labels }) => labels.includes(label)).length
  return [...shares].sort(([a], [b]) => holders(a) - holders(b) || a - b)
}

function checkShares(shares: ReadonlyMap<number, number>): void {
  let total = 0
  for (const [label, share] of shares) {
    if (!(share >= 0 && share <= 1)) throw new RangeError(`share ${share} of class ${label} is not in 0..1`)
    total += share
  }
  if (total > 1 + 1e-9)
    throw new RangeError(`the classes' minimum shares sum to ${total}: give no more than 1`)
}
