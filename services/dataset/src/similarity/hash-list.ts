/** Hashes of images in some order, each in two words; the place of an image is its index in all three. */
export interface HashList {
  readonly length: number
  readonly serials: Uint32Array
  readonly high: Uint32Array
  readonly low: Uint32Array
}

/**
 * For each place, the first place with the same hash (itself when there is none before).
 * Numbers of 48 bits are exact, so those of one value of the upper 16 bits are told apart by the other 48.
 */
export function firstWithSameHash({ length, high, low }: HashList): Uint32Array {
  const firsts = new Uint32Array(length)
  const known = new Map<number, Map<number, number>>()
  for (let place = 0; place < length; place++) {
    const upper = high[place]! >>> 16
    let places = known.get(upper)
    if (!places) known.set(upper, (places = new Map()))
    const rest = (high[place]! & 0xffff) * 2 ** 32 + low[place]!
    const first = places.get(rest) ?? place
    if (first === place) places.set(rest, place)
    firsts[place] = first
  }
  return firsts
}
