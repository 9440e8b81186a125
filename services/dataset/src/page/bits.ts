/** Serials in one page: bit i stands for the serial `page number * pageLength + i`. 2,048 words of 32 bits. */
export type Bits = Uint32Array

/** Serials that a page covers. The low 16 bits of a serial are its place in its page. */
export const pageLength = 65_536

const words = pageLength / 32

export function noBits(): Bits {
  return new Uint32Array(words)
}

export function setBit(bits: Bits, place: number): void {
  bits[place >>> 5]! |= 1 << (place & 31)
}

/** Sets the places from `first` to `last`, both included. */
export function setRun(bits: Bits, first: number, last: number): void {
  const [from, to] = [first >>> 5, last >>> 5]
  const [head, tail] = [-1 << (first & 31), -1 >>> (31 - (last & 31))]
  if (from === to) {
    bits[from]! |= head & tail
    return
  }
  bits[from]! |= head
  bits.fill(-1, from + 1, to)
  bits[to]! |= tail
}

/** A copy without the places below the one given. */
export function clearBelow(bits: Bits, place: number): Bits {
  const rest = bits.slice()
  rest.fill(0, 0, place >>> 5)
  rest[place >>> 5]! &= -1 << (place & 31)
  return rest
}

export function hasBit(bits: Bits, place: number): boolean {
  return ((bits[place >>> 5]! >>> (place & 31)) & 1) === 1
}

export function countBits(bits: Bits): number {
  let count = 0
  for (const word of bits) if (word) count += countInWord(word)
  return count
}

/** Places of the set bits, ascending. */
export function* placesOf(bits: Bits, from = 0): Generator<number> {
  for (let index = from >>> 5; index < words; index++) {
    let word = bits[index]!
    if (index === from >>> 5) word &= -1 << (from & 31)
    while (word) {
      yield index * 32 + 31 - Math.clz32(word & -word)
      word &= word - 1
    }
  }
}

/** The set places for which `keep` is true; it is asked once for each, in ascending order. */
export function keepBits(bits: Bits, keep: () => boolean): Bits {
  const kept = noBits()
  for (let index = 0; index < words; index++) {
    for (let word = bits[index]!; word; word &= word - 1) if (keep()) kept[index]! |= word & -word
  }
  return kept
}

/** The set bit that has `rank` others below it; there are more than `rank`. */
export function placeOfRank(bits: Bits, rank: number): number {
  let index = 0
  let left = rank
  for (let count = countInWord(bits[0]!); left >= count; count = countInWord(bits[++index]!)) left -= count
  let word = bits[index]!
  for (; left > 0; left--) word &= word - 1
  return index * 32 + 31 - Math.clz32(word & -word)
}

/** Combines two pages word by word; undefined when nothing is left. */
export function combine(
  one: Bits,
  other: Bits,
  operation: (a: number, b: number) => number,
): Bits | undefined {
  const combined = noBits()
  let any = 0
  for (let index = 0; index < words; index++) any |= combined[index] = operation(one[index]!, other[index]!)
  return any === 0 ? undefined : combined
}

/** How many places are set in one of two pages and not in the other. */
export function countDifferent(one: Bits, other: Bits): number {
  let count = 0
  for (let index = 0; index < words; index++) {
    const word = one[index]! ^ other[index]!
    if (word) count += countInWord(word)
  }
  return count
}

/** The places of one page that another does not have. */
export function onlyIn(one: Bits, other: Bits): Bits {
  return one.map((word, index) => word & ~other[index]!)
}

/** Set bits of a 32-bit word, counted in parallel (Warren, Hacker's Delight, 5-1). */
export function countInWord(word: number): number {
  let x = word
  x -= (x >>> 1) & 0x55555555
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333)
  x = (x + (x >>> 4)) & 0x0f0f0f0f
  return Math.imul(x, 0x01010101) >>> 24
}
