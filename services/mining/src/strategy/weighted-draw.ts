/**
 * A place drawn in proportion to its weight; the last with weight when rounding leaves a rest, -1 when none has any.
 * @param random uniform in [0, 1)
 */
export function weightedDraw(weights: Float64Array, random: () => number): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let rest = random() * total
  let last = -1
  for (let index = 0; index < weights.length; index++) {
    if (weights[index]! <= 0) continue
    last = index
    rest -= weights[index]!
    if (rest < 0) return index
  }
  return last
}
