/** One term of a hybrid: a score per asset, and the power it counts with. */
export interface Term<Name extends string = string> {
  readonly name: Name
  readonly scores: readonly number[]
  readonly weight: number
  readonly order: 'HIGHEST_FIRST' | 'LOWEST_FIRST'
}

export interface HybridScore<Name extends string = string> {
  readonly score: number
  /** The term that raised the score most over its own middle, 0.5: the reason. */
  readonly decidedBy: Name
}

/** Scores as ranks in 0..1, equals alike (mean rank): no unit, no outlier can rule the product. All equal: 0.5. */
export function normalisedRanks(scores: readonly number[]): number[] {
  if (scores.length < 2) return scores.map(() => 0.5)
  const order = [...scores.keys()].sort((a, b) => scores[a]! - scores[b]!)
  const ranks = new Array<number>(scores.length).fill(0)
  for (let from = 0; from < order.length;) {
    let to = from
    while (to + 1 < order.length && scores[order[to + 1]!] === scores[order[from]!]) to++
    for (let at = from; at <= to; at++) ranks[order[at]!] = (from + to) / 2 / (scores.length - 1)
    from = to + 1
  }
  return ranks
}

/**
 * Weighted product of normalised ranks, prod r_i^w_i (information density's form, Settles & Craven 2008, eq. 13). In 0..1.
 * @throws RangeError when terms differ in length or a weight is negative
 */
export function weightedProduct<Name extends string>(terms: readonly Term<Name>[]): HybridScore<Name>[] {
  const count = terms[0]?.scores.length ?? 0
  for (const { name, scores, weight } of terms) {
    if (scores.length !== count)
      throw new RangeError(`term ${name} has ${scores.length} scores, not ${count}`)
    if (!(weight >= 0)) throw new RangeError(`term ${name} has weight ${weight}: give 0 or more`)
  }
  const ranks = terms.map(({ scores, order }) =>
    normalisedRanks(order === 'HIGHEST_FIRST' ? scores : scores.map((score) => -score)),
  )
  return Array.from({ length: count }, (_, asset) => {
    const values = ranks.map((one) => one[asset]!)
    const pulls = values.map((value, term) => terms[term]!.weight * (value - 0.5))
    const best = pulls.reduce((found, pull, term) => (pull > pulls[found]! ? term : found), 0)
    const score = values.reduce((product, value, term) => product * value ** terms[term]!.weight, 1)
    return { score, decidedBy: terms[best]!.name }
  })
}
