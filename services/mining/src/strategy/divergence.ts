/**
 * Jensen-Shannon divergence in nats, (KL(p||m) + KL(q||m)) / 2 with m = (p+q)/2 (Lin 1991, eq. 4.1); 0..ln 2.
 * Both are divided by their sums first; one without mass counts as uniform.
 * @throws RangeError when the lengths differ
 */
export function jensenShannon(p: readonly number[], q: readonly number[]): number {
  if (p.length !== q.length) throw new RangeError(`distributions over ${p.length} and ${q.length} classes`)
  const first = asDistribution(p)
  const second = asDistribution(q)
  let sum = 0
  for (let index = 0; index < first.length; index++) {
    const middle = (first[index]! + second[index]!) / 2
    sum += share(first[index]!, middle) + share(second[index]!, middle)
  }
  return Math.min(Math.LN2, Math.max(0, sum / 2))
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
