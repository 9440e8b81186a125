import { Bands, Effort } from './bands.ts'
import { firstWithSameHash, type HashList } from './hash-list.ts'

export interface NearGroups {
  /** Serials of images that are alike, each group ascending, the largest group first. */
  readonly groups: readonly (readonly number[])[]
  /** False when so many images look almost the same that not all were compared. */
  readonly complete: boolean
}

export interface NearPair {
  readonly serial: number
  /** One of those that are like it. */
  readonly like: number
}

/** Groups images so that each is near another of its group. Those with equal hashes are compared once. */
export async function nearGroups(list: HashList, maxDistance: number): Promise<NearGroups> {
  const leaders = firstWithSameHash(list)
  const leaderOf = (place: number): number => {
    let leader = place
    while (leaders[leader] !== leader) leader = leaders[leader]!
    leaders[place] = leader
    return leader
  }
  const distinct = placesOfFirsts(leaders)
  const bands = new Bands(list, distinct)
  const effort = new Effort()
  for (const place of maxDistance > 0 ? distinct : []) {
    const compared = bands.near(list.high[place]!, list.low[place]!, maxDistance, (like) => {
      if (like < place) leaders[leaderOf(place)] = leaderOf(like)
      return true
    })
    if (effort.spend(compared)) await effort.breath()
    if (effort.isSpent) break
  }
  return { groups: groupsOf(list, leaderOf), complete: !effort.isSpent }
}

/** For each image that is like one of `others`, a pair. */
export async function nearPairs(
  list: HashList,
  others: HashList,
  maxDistance: number,
): Promise<{ pairs: readonly NearPair[]; complete: boolean }> {
  const bands = new Bands(others, placesOfFirsts(firstWithSameHash(others)))
  const effort = new Effort()
  const firsts = firstWithSameHash(list)
  const likes = new Map<number, number>()
  const pairs: NearPair[] = []
  for (let place = 0; place < list.length; place++) {
    if (firsts[place] === place && !effort.isSpent) {
      const compared = bands.near(list.high[place]!, list.low[place]!, maxDistance, (like) => {
        likes.set(place, others.serials[like]!)
        return false
      })
      if (effort.spend(compared)) await effort.breath()
    }
    const like = likes.get(firsts[place]!)
    if (like !== undefined) pairs.push({ serial: list.serials[place]!, like })
  }
  return { pairs, complete: !effort.isSpent }
}

function placesOfFirsts(firsts: Uint32Array): Uint32Array {
  return firsts.filter((first, place) => first === place)
}

function groupsOf({ length, serials }: HashList, leaderOf: (place: number) => number): number[][] {
  const groups = new Map<number, number[]>()
  for (let place = 0; place < length; place++) {
    const leader = leaderOf(place)
    if (leader === place && !groups.has(place)) continue
    const group = groups.get(leader) ?? [serials[leader]!]
    groups.set(leader, group)
    if (leader !== place) group.push(serials[place]!)
  }
  const alike = [...groups.values()]
  for (const group of alike) group.sort((one, other) => one - other)
  return alike.sort((one, other) => other.length - one.length || one[0]! - other[0]!)
}
