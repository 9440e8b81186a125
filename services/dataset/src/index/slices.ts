import { type Bits, countBits, countInWord, noBits, setBit } from '../page/bits.ts'

/**
 * Places of one page as they are kept in memory: a list while that is shorter than the bits. Most labels are in a few
 * entries of a page only, and adding up a list costs no more than adding up bits.
 */
export type Places = Uint16Array | Bits

/**
 * The values of one measure on one page, bit by bit (bit-sliced index; O'Neil and Quass, SIGMOD 1997): 0 where `some` is
 * clear, else 1 + the sum of 2^b over the slices b of `excess` that are set. Most counts are 0 or 1 and need no slice.
 */
export interface Slices {
  readonly some: Places
  readonly excess: readonly Places[]
}

export function bitsOf(places: Places): Bits {
  if (places instanceof Uint32Array) return places
  const bits = noBits()
  for (const place of places) setBit(bits, place)
  return bits
}

/** How many of the places are set in a page. */
export function countWithin(places: Places, page: Bits): number {
  let count = 0
  if (places instanceof Uint16Array) {
    for (const place of places) count += (page[place >>> 5]! >>> (place & 31)) & 1
    return count
  }
  for (let index = 0; index < page.length; index++) {
    const word = page[index]! & places[index]!
    if (word) count += countInWord(word)
  }
  return count
}

/** The sum of a measure over the entries of a page. */
export function sumWithin(slices: Slices | undefined, page: Bits): number {
  return slices ? countWithin(slices.some, page) + excessWithin(slices, page) : 0
}

/** What the entries of a page have above 1, added up. */
export function excessWithin({ excess }: Slices, page: Bits): number {
  let sum = 0
  excess.forEach((slice, bit) => (sum += 2 ** bit * countWithin(slice, page)))
  return sum
}

/** The entries of a page whose value is not below a minimum: algorithm 4.2 of O'Neil and Quass, for `>=` only. */
export function atLeast(slices: Slices | undefined, minimum: number, page: Bits): Bits {
  if (minimum <= 0) return page
  if (!slices) return noBits()
  const wanted = minimum - 1
  if (wanted >= 2 ** slices.excess.length) return noBits()
  const above = noBits()
  let equal = and(page, bitsOf(slices.some))
  for (let bit = slices.excess.length - 1; bit >= 0; bit--) {
    const slice = bitsOf(slices.excess[bit]!)
    const isSet = Math.floor(wanted / 2 ** bit) % 2 === 1
    if (!isSet)
      for (let index = 0; index < above.length; index++) above[index]! |= equal[index]! & slice[index]!
    equal = isSet ? and(equal, slice) : andNot(equal, slice)
  }
  for (let index = 0; index < above.length; index++) above[index]! |= equal[index]!
  return above
}

/**
 * How many entries of a page lie in each bin.
 * @param starts lower ends of the bins, ascending; the first is not above any value
 */
export function countBins(slices: Slices | undefined, starts: readonly number[], page: Bits): number[] {
  const from = starts.map((start, bin) => countBits(bin === 0 ? page : atLeast(slices, start, page)))
  return from.map((count, bin) => count - (from[bin + 1] ?? 0))
}

function and(one: Bits, other: Bits): Bits {
  const both = noBits()
  for (let index = 0; index < both.length; index++) both[index] = one[index]! & other[index]!
  return both
}

function andNot(one: Bits, other: Bits): Bits {
  const rest = noBits()
  for (let index = 0; index < rest.length; index++) rest[index] = one[index]! & ~other[index]!
  return rest
}
