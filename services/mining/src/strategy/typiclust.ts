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
 * TypiClust (Hacohen, Dekel & Weinshall 2022, algorithm 1): as many clusters (k-means) as labelled and budget together, 500
 * at most, of which `typicalOfEach` picks.
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
  const members = all.map((one, row) => ({
    ...one,
    cluster: clusterOf[row]!,
    isLabelled: row >= pool.length,
  }))
  return typicalOfEach(members, budget)
}

export interface Member extends Embedded {
  readonly cluster: number
  readonly isLabelled: boolean
}

/**
 * From the cluster with the fewest labelled or picked members, the largest of such, the member that is most typical in it, one
 * after the other. Typicality is measured among all members, labelled ones too, K = min(`neighbourCount`, all others). Among
 * equals the cluster of the lowest number, and the first given.
 */
export function typicalOfEach(
  members: readonly Member[],
  budget: number,
  neighbourCount = 20,
): TypicalPick[] {
  const numbers = [...new Set(members.map(({ cluster }) => cluster))].sort((a, b) => a - b)
  const groups = numbers.map((cluster) => {
    const all = members.filter((one) => one.cluster === cluster)
    return {
      cluster,
      size: all.length,
      covered: all.filter(({ isLabelled }) => isLabelled).length,
      open: mostTypicalFirst(all, neighbourCount).filter(({ isLabelled }) => !isLabelled),
    }
  })
  const picked: TypicalPick[] = []
  while (picked.length < budget) {
    const [group] = groups
      .filter(({ open }) => open.length > 0)
      .sort((a, b) => a.covered - b.covered || b.size - a.size)
    if (!group) break
    const { assetId } = group.open.shift()!
    picked.push({ assetId, cluster: group.cluster, clusterSize: group.size })
    group.covered++
  }
  return picked
}

function mostTypicalFirst(members: readonly Member[], neighbourCount: number): Member[] {
  const scores = typicality(vectorsOf(members.map(({ embedding }) => embedding)), neighbourCount)
  const order = [...members.keys()].sort((a, b) =>
    scores[a] === scores[b] ? a - b : scores[b]! - scores[a]!,
  )
  return order.map((row) => members[row]!)
}
