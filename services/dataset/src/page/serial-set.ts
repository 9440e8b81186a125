import {
  type Bits,
  clearBelow,
  combine,
  countBits,
  hasBit,
  keepBits,
  noBits,
  pageLength,
  placeOfRank,
  placesOf,
  setBit,
} from './bits.ts'

/**
 * An immutable set of entry serials, kept as pages of 65,536. Sets of ten million serials take about a megabyte, and
 * algebra on them some milliseconds.
 */
export class SerialSet implements Iterable<number> {
  static readonly empty = new SerialSet(new Map())

  static of(serials: Iterable<number>): SerialSet {
    const pages = new Map<number, Bits>()
    for (const serial of serials) {
      const number = pageOf(serial)
      let bits = pages.get(number)
      if (!bits) pages.set(number, (bits = noBits()))
      setBit(bits, serial % pageLength)
    }
    return new SerialSet(pages)
  }

  /** Bits by page number; pages without a set bit are left out. */
  static ofPages(pages: ReadonlyMap<number, Bits>): SerialSet {
    return new SerialSet(new Map([...pages].filter(([, bits]) => bits.some(Boolean))))
  }

  /** @param pages bits by page number, without empty pages */
  constructor(private readonly pages: ReadonlyMap<number, Bits>) {}

  get size(): number {
    let size = 0
    for (const bits of this.pages.values()) size += countBits(bits)
    return size
  }

  get isEmpty(): boolean {
    return this.pages.size === 0
  }

  get pageNumbers(): readonly number[] {
    return [...this.pages.keys()].sort((a, b) => a - b)
  }

  page(number: number): Bits | undefined {
    return this.pages.get(number)
  }

  has(serial: number): boolean {
    const bits = this.pages.get(pageOf(serial))
    return bits !== undefined && hasBit(bits, serial % pageLength)
  }

  union(other: SerialSet): SerialSet {
    return this.withEach([...this.pages.keys(), ...other.pages.keys()], other, (a, b) => a | b)
  }

  intersect(other: SerialSet): SerialSet {
    return this.withEach(this.pages.keys(), other, (a, b) => a & b)
  }

  minus(other: SerialSet): SerialSet {
    return this.withEach(this.pages.keys(), other, (a, b) => a & ~b)
  }

  /** Only those in one page. */
  onPage(number: number): SerialSet {
    const bits = this.pages.get(number)
    return bits ? new SerialSet(new Map([[number, bits]])) : SerialSet.empty
  }

  /** Those above a serial. */
  above(serial: number): SerialSet {
    const first = serial + 1
    const pages = new Map<number, Bits>()
    for (const [number, bits] of this.pages) {
      if (number < pageOf(first)) continue
      pages.set(number, number === pageOf(first) ? clearBelow(bits, first % pageLength) : bits)
    }
    return SerialSet.ofPages(pages)
  }

  /** Those for which `keep` is true; it is asked once for each, in ascending order. */
  keep(keep: () => boolean): SerialSet {
    return SerialSet.ofPages(
      new Map(this.pageNumbers.map((number) => [number, keepBits(this.pages.get(number)!, keep)])),
    )
  }

  /** Ascending. */
  [Symbol.iterator](): Generator<number> {
    return this.after(-1)
  }

  /** The serials above the one given, ascending; costs nothing for the pages passed over. */
  *after(serial: number): Generator<number> {
    const first = serial + 1
    for (const number of this.pageNumbers) {
      if (number < pageOf(first)) continue
      const from = number === pageOf(first) ? first % pageLength : 0
      for (const place of placesOf(this.pages.get(number)!, from)) yield number * pageLength + place
    }
  }

  /** The serials below the one given, descending; costs nothing for the pages passed over. */
  *below(serial: number): Generator<number> {
    for (const number of this.pageNumbers.toReversed()) {
      if (number > pageOf(serial)) continue
      for (const place of [...placesOf(this.pages.get(number)!)].reverse()) {
        const one = number * pageLength + place
        if (one < serial) yield one
      }
    }
  }

  /** The serials that stand at the given places of the whole, counted from 0; both ascending. */
  *atRanks(ranks: Iterable<number>): Generator<number> {
    const numbers = this.pageNumbers.values()
    let passed = 0
    let current = { number: -1, size: 0 }
    for (const rank of ranks) {
      while (rank >= passed + current.size) {
        passed += current.size
        const { value: number, done } = numbers.next()
        if (done) return
        current = { number, size: countBits(this.pages.get(number)!) }
      }
      yield current.number * pageLength + placeOfRank(this.pages.get(current.number)!, rank - passed)
    }
  }

  private withEach(
    numbers: Iterable<number>,
    other: SerialSet,
    operation: (a: number, b: number) => number,
  ): SerialSet {
    const pages = new Map<number, Bits>()
    const none = noBits()
    for (const number of new Set(numbers)) {
      const bits = combine(this.pages.get(number) ?? none, other.pages.get(number) ?? none, operation)
      if (bits) pages.set(number, bits)
    }
    return new SerialSet(pages)
  }
}

/** Number of the page that a serial belongs to. */
export function pageOf(serial: number): number {
  return Math.floor(serial / pageLength)
}
