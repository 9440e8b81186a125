import { seededRandom } from '@ymir/detection'
import { squaredDistance, type Vectors, vectorsIn } from './vectors.ts'
import { weightedDraw } from './weighted-draw.ts'

/**
 * K-means (Lloyd 1982) from k-means++ starts (Arthur & Vassilvitskii 2007), at most 20 rounds.
 * @returns the cluster of each row, 0..clusterCount-1; clusters may be empty when rows coincide
 */
export function clusters(set: Vectors, clusterCount: number, seed: number): Int32Array {
  let centres = starts(set, Math.min(clusterCount, set.count), seededRandom(seed))
  const clusterOf = new Int32Array(set.count).fill(-1)
  for (let round = 0; round < 20; round++) {
    if (!assign(set, centres, clusterOf)) break
    centres = means(set, centres, clusterOf)
  }
  return clusterOf
}

function starts(set: Vectors, count: number, random: () => number): Vectors {
  const chosen: number[] = []
  const weights = new Float64Array(set.count).fill(Infinity)
  while (chosen.length < count) {
    const drawn = chosen.length === 0 ? Math.floor(random() * set.count) : weightedDraw(weights, random)
    const next = drawn >= 0 ? drawn : chosen[0]!
    chosen.push(next)
    for (let row = 0; row < set.count; row++)
      weights[row] = Math.min(weights[row]!, squaredDistance(set, row, set, next))
    weights[next] = 0
  }
  const values = new Float32Array(count * set.dimensions)
  chosen.forEach((row, index) => {
    values.set(set.values.subarray(row * set.dimensions, (row + 1) * set.dimensions), index * set.dimensions)
  })
  return vectorsIn(values, set.dimensions)
}

/** True when a row changed its cluster. */
function assign(set: Vectors, centres: Vectors, clusterOf: Int32Array): boolean {
  let changed = false
  for (let row = 0; row < set.count; row++) {
    let best = 0
    let lowest = Infinity
    for (let centre = 0; centre < centres.count; centre++) {
      const distance = squaredDistance(set, row, centres, centre)
      if (distance >= lowest) continue
      lowest = distance
      best = centre
    }
    if (clusterOf[row] !== best) changed = true
    clusterOf[row] = best
  }
  return changed
}

function means(set: Vectors, old: Vectors, clusterOf: Int32Array): Vectors {
  const sums = new Float64Array(old.values.length)
  const sizes = new Int32Array(old.count)
  for (let row = 0; row < set.count; row++) {
    const cluster = clusterOf[row]!
    sizes[cluster]!++
    for (let at = 0; at < set.dimensions; at++)
      sums[cluster * set.dimensions + at]! += set.values[row * set.dimensions + at]!
  }
  const values = Float32Array.from(sums, (sum, at) => {
    const size = sizes[Math.floor(at / set.dimensions)]!
    return size > 0 ? sum / size : old.values[at]!
  })
  return vectorsIn(values, set.dimensions)
}
