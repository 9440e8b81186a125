/** Where the images of a task stand, 0 for the first. */
export interface Mix {
  /** Of the version's images, in their order. */
  readonly own: Int32Array
  /** Of the second copy of an image, by its number in the version. */
  readonly second: ReadonlyMap<number, number>
  readonly gold: readonly number[]
}

export interface Shares {
  /** Images of the version. */
  readonly own: number
  readonly gold: number
  /** 0 to 1: how many of the version's images come twice; above 0 at least one. */
  readonly overlap: number
}

/**
 * Puts gold images and second copies at random places among the images of a version, which stay in their order: every
 * place is as likely to be another's, so that no place tells what stands there.
 * @param random uniform in [0, 1)
 */
export function mix({ own, gold, overlap }: Shares, random: () => number): Mix {
  const copies = own && overlap > 0 ? Math.max(1, Math.round(own * overlap)) : 0
  const copied = chooseInOrder(own, copies, random)
  const places = shuffled(chooseInOrder(own + gold + copies, gold + copies, random), random)
  const isTaken = new Set(places)
  const ownPlaces = new Int32Array(own)
  let place = 0
  for (let index = 0; index < own; index++, place++) {
    while (isTaken.has(place)) place++
    ownPlaces[index] = place
  }
  return {
    own: ownPlaces,
    second: new Map(copied.map((index, nth) => [index, places[gold + nth]!])),
    gold: places.slice(0, gold),
  }
}

/**
 * Some of the numbers 0 to `count` - 1, ascending, each choice as likely as another (Knuth, The Art of Computer
 * Programming 3.4.2, algorithm S).
 */
export function chooseInOrder(count: number, wanted: number, random: () => number): number[] {
  const chosen: number[] = []
  for (let index = 0; chosen.length < wanted && index < count; index++)
    if ((count - index) * random() < wanted - chosen.length) chosen.push(index)
  return chosen
}

/** Fisher and Yates. */
function shuffled(values: number[], random: () => number): number[] {
  for (let last = values.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const kept = values[last]!
    values[last] = values[other]!
    values[other] = kept
  }
  return values
}
