import { clusters } from './clusters.ts'
import { nearestNeighbours } from './neighbours.ts'
import { type Vectors, vectorsOf } from './vectors.ts'

/** An asset by its embedding. */
export interface Embedded {
  readonly assetId: string
  readonly embedding: Float32Array
}

/** Typicality of each row: 1 / mean distance to its K nearest (Hacohen et al. 2022, eq. 4); Infinity among duplicates. */
export function typicality(set: Vectors, neighbourCount: number): number[] {
  const count = Math.min(neighbourCount, set.count - 1)
  if (count < 1) return new Array<number>(set.count).fill(0)
  const { squaredDistances } = nearestNeighbours(set, set, count, true)
  return Array.from({ length: set.count }, (_, row) => {
    let total = 0
    for (let place = 0; place < count; place++) total += Math.sqrt(squaredDistances[row * count + place]!)
    return count / total
  })
}

/** An asset picked for its group of alike ones. */
export interface TypicalPick {
  readonly assetId: string
  /** From 0; the numbers depend on the seed. */
  readonly cluster: number
  /** Assets in it, labelled ones too. */
  readonly clusterSize: number
}

/** The asset ids of `typiClustPicks`. */
export function typiClust(...given: Parameters<typeof typiClustPicks>): string[] {
  return typiClustPicks(...given).map(({ assetId }) => assetId)
}

/** As the authors' code limits them. */
const mostClusters = 500

/**
 * TypiClust (Hacohen, Dekel & Weinshall 2022, algorithm 1): as many clusters as labelled and budget together, 500 at most; from the
 * largest without labelled assets the most typical one, K = min(20, cluster's size). When those are used up, clusters
 * with the fewest labelled or picked come next, the larger first. By asset id among equals.
 * @returns in the order of picking
 */
export function typiClustPicks(
  pool: readonly Embedded[],
  budget: number,
  seed: number,
  labelled: readonly Embedded[] = [],
): TypicalPick[] {
  const byId = (a: Embedded, b: Embedded) => (a.assetId < b.assetId ? -1 : 1)
  const all = [...pool.toSorted(byId), ...labelled.toSorted(byId)]
  const clusterCount = Math.min(labelled.length + budget, mostClusters)
  const clusterOf = clusters(vectorsOf(all.map(({ embedding }) => embedding)), clusterCount, seed)
  const groups = new Map<number, { size: number; covered: number; open: Embedded[] }>()
  all.forEach((one, row) => {
    const group = groups.get(clusterOf[row]!) ?? { size: 0, covered: 0, open: [] }
    group.size++
    if (row < pool.length) group.open.push(one)
    if (row >= pool.length) group.covered++
    groups.set(clusterOf[row]!, group)
  })
  const ranked = [...groups].map(([cluster, group]) => ({
    ...group,
    cluster,
    open: mostTypicalFirst(group.open),
  }))
  const picked: TypicalPick[] = []
  while (picked.length < Math.min(budget, pool.length)) {
    const group = ranked
      .filter(({ open }) => open.length > 0)
      .sort((a, b) => a.covered - b.covered || b.size - a.size || byId(a.open[0]!, b.open[0]!))[0]!
    const { assetId } = group.open.shift()!
    picked.push({ assetId, cluster: group.cluster, clusterSize: group.size })
    group.covered++
  }
  return picked
}

function mostTypicalFirst(members: Embedded[]): Embedded[] {
  const scores = typicality(vectorsOf(members.map(({ embedding }) => embedding)), 20)
  const order = [...members.keys()].sort((a, b) =>
    scores[a] === scores[b] ? a - b : scores[b]! - scores[a]!,
  )
  return order.map((row) => members[row]!)
}
