import { squaredDistance, type Vectors } from './vectors.ts'

/** A row, and how far it lay from the nearest centre when it was picked; undefined for the first without centres. */
export interface CoreSetPick {
  readonly row: number
  readonly distance?: number
}

/** The rows of `coreSetPicks`. */
export function coreSet(pool: Vectors, budget: number, labelled?: Vectors): number[] {
  return coreSetPicks(pool, budget, labelled).map(({ row }) => row)
}

/**
 * K-center greedy (Sener & Savarese 2018, algorithm 1): each pick is the row farthest from all centres so far; within
 * twice the best possible radius. The lower row among equals. Without centres the first pick is the row farthest from
 * the mean. A row is not measured again when its centre is too far from the new one to matter (triangle inequality).
 * @param labelled vectors already labelled, the first centres
 * @returns rows in the order in which they were picked, no more than there are
 */
export function coreSetPicks(pool: Vectors, budget: number, labelled?: Vectors): CoreSetPick[] {
  if (labelled && labelled.count > 0 && labelled.dimensions !== pool.dimensions)
    throw new RangeError(
      `labelled vectors of ${labelled.dimensions} dimensions, the pool's have ${pool.dimensions}`,
    )
  const nearest = new Float64Array(pool.count).fill(Infinity)
  const centreOf = new Int32Array(pool.count).fill(-1)
  for (let centre = 0; centre < (labelled?.count ?? 0); centre++)
    for (let row = 0; row < pool.count; row++)
      nearest[row] = Math.min(nearest[row]!, squaredDistance(pool, row, labelled!, centre))

  const picked: number[] = []
  const picks: CoreSetPick[] = []
  const isPicked = new Uint8Array(pool.count)
  while (picked.length < Math.min(budget, pool.count)) {
    const next =
      picked.length === 0 && !labelled?.count ? farthestFromMean(pool) : farthest(nearest, isPicked)
    isPicked[next] = 1
    const squared = nearest[next]!
    picks.push(squared < Infinity ? { row: next, distance: Math.sqrt(squared) } : { row: next })
    const toCentres = picked.map((centre) => squaredDistance(pool, centre, pool, next))
    for (let row = 0; row < pool.count; row++) {
      const centre = centreOf[row]!
      if (centre >= 0 && toCentres[centre]! >= 4 * nearest[row]!) continue
      const distance = squaredDistance(pool, row, pool, next)
      if (distance >= nearest[row]!) continue
      nearest[row] = distance
      centreOf[row] = picked.length
    }
    picked.push(next)
  }
  return picks
}

function farthest(distances: Float64Array, isPicked: Uint8Array): number {
  let best = -1
  for (let row = 0; row < distances.length; row++)
    if (!isPicked[row] && (best < 0 || distances[row]! > distances[best]!)) best = row
  return best
}

function farthestFromMean({ count, dimensions, values }: Vectors): number {
  const mean = new Float64Array(dimensions)
  for (let at = 0; at < values.length; at++) mean[at % dimensions]! += values[at]! / count
  const distances = new Float64Array(count)
  for (let at = 0; at < values.length; at++)
    distances[Math.floor(at / dimensions)]! += (values[at]! - mean[at % dimensions]!) ** 2
  return farthest(distances, new Uint8Array(count))
}
