/**
 * Jensen-Shannon divergence in nats, (KL(p||m) + KL(q||m)) / 2 with m = (p+q)/2 (Lin 1991, eq. 4.1); 0..ln 2 of
 * distributions. p, q and m are each divided by their own sum, as CALD's authors do: of sigmoids the surer look weighs
 * more in m. One without mass counts as uniform.
 * @throws RangeError when the lengths differ
 */
export function jensenShannon(p: readonly number[], q: readonly number[]): number {
  if (p.length !== q.length) throw new RangeError(`distributions over ${p.length} and ${q.length} classes`)
  const first = asDistribution(p)
  const second = asDistribution(q)
  const middle = asDistribution(p.map((value, index) => value + q[index]!))
  const sum = middle.reduce(
    (total, m, index) => total + share(first[index]!, m) + share(second[index]!, m),
    0,
  )
  return Math.max(0, sum / 2)
}

/** exp(v) divided by the sum, without overflow. */
export function softmax(values: readonly number[]): number[] {
  const highest = Math.max(...values)
  return asDistribution(values.map((value) => Math.exp(value - highest)))
}

function asDistribution(values: readonly number[]): number[] {
  const total = values.reduce((sum, value) => sum + value, 0)
  return total > 0 ? values.map((value) => value / total) : values.map(() => 1 / values.length)
}

function share(p: number, middle: number): number {
  return p > 0 ? p * Math.log(p / middle) : 0
}
