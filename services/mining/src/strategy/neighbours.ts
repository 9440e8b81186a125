import { squaredDistance, type Vectors } from './vectors.ts'

/** For query q the places q * count ... : rows of the nearest, nearest first, and their squared distances. */
export interface Neighbours {
  readonly count: number
  readonly rows: Int32Array
  readonly squaredDistances: Float64Array
}

// rows of the set that stay in the cache while every query passes over them
const block = 256

/**
 * The `count` nearest rows of `set` for each query, exact, by Euclidean distance; the lower row among equals. Queries
 * pass over blocks of the set that fit a cache. Work: queries x rows x dimensions.
 * @param isSelf true leaves row q out for query q: the queries are the set itself
 * @throws RangeError when the dimensions differ or the set has fewer rows than asked for
 */
export function nearestNeighbours(set: Vectors, queries: Vectors, count: number, isSelf = false): Neighbours {
  if (set.dimensions !== queries.dimensions)
    throw new RangeError(`vectors of ${set.dimensions} and queries of ${queries.dimensions} dimensions`)
  if (set.count - (isSelf ? 1 : 0) < count)
    throw new RangeError(`${count} neighbours of ${set.count} vectors`)
  const rows = new Int32Array(queries.count * count).fill(-1)
  const squaredDistances = new Float64Array(queries.count * count).fill(Infinity)
  for (let from = 0; from < set.count; from += block) {
    const to = Math.min(set.count, from + block)
    for (let query = 0; query < queries.count; query++) {
      const first = query * count
      const last = first + count - 1
      for (let row = from; row < to; row++) {
        if (isSelf && row === query) continue
        const distance = squaredDistance(set, row, queries, query)
        if (distance >= squaredDistances[last]!) continue
        let place = last
        for (; place > first && squaredDistances[place - 1]! > distance; place--) {
          squaredDistances[place] = squaredDistances[place - 1]!
          rows[place] = rows[place - 1]!
        }
        squaredDistances[place] = distance
        rows[place] = row
      }
    }
  }
  return { count, rows, squaredDistances }
}
