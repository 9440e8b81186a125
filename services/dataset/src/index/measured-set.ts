import type { Bits } from '../page/bits.ts'
import { SerialSet } from '../page/serial-set.ts'
import { atLeast, bitsOf, type Slices } from './slices.ts'

export type Direction = 'ASCENDING' | 'DESCENDING'

/** An entry with the value by which it is ordered: enough to go on after it. */
export interface Ranked {
  readonly value: number
  readonly serial: number
}

/** The values of one measure over all pages that were asked for. */
export class MeasuredSet {
  /** @param pages slices by page number; a page that is missing has the value 0 everywhere */
  constructor(private readonly pages: ReadonlyMap<number, Slices>) {}

  /** Those of a set with a value from `minimum` to `maximum`, both included. */
  between(set: SerialSet, minimum = 0, maximum = Infinity): SerialSet {
    const enough = this.notBelow(set, minimum)
    return maximum === Infinity ? enough : enough.minus(this.notBelow(enough, maximum + 1))
  }

  /**
   * A set in the order of the values, equal ones by serial, from the highest slice down: only what is read of it costs,
   * and nothing is sorted.
   * @param after where to go on
   */
  *ordered(set: SerialSet, direction: Direction, after?: Ranked): Generator<Ranked> {
    const rest = after ? this.behind(set, direction, after) : set
    const some = rest.intersect(this.places((slices) => slices.some))
    const none = rest.minus(some)
    if (direction === 'ASCENDING') yield* ranked(none, 0)
    const depth = Math.max(0, ...[...this.pages.values()].map(({ excess }) => excess.length))
    const slices = Array.from({ length: depth }, (_, bit) => this.places(({ excess }) => excess[bit]))
    yield* walk(some, slices, direction, 1)
    if (direction === 'DESCENDING') yield* ranked(none, 0)
  }

  private behind(set: SerialSet, direction: Direction, { value, serial }: Ranked): SerialSet {
    const equal = this.between(set, value, value).above(serial)
    const further =
      direction === 'DESCENDING' ? set.minus(this.notBelow(set, value)) : this.notBelow(set, value + 1)
    return equal.union(further)
  }

  private notBelow(set: SerialSet, minimum: number): SerialSet {
    const found = new Map<number, Bits>()
    for (const number of set.pageNumbers)
      found.set(number, atLeast(this.pages.get(number), minimum, set.page(number)!))
    return SerialSet.ofPages(found)
  }

  private places(of: (slices: Slices) => Slices['some'] | undefined): SerialSet {
    const found = new Map<number, Bits>()
    for (const [number, slices] of this.pages) {
      const places = of(slices)
      if (places) found.set(number, bitsOf(places))
    }
    return SerialSet.ofPages(found)
  }
}

/** @param value what the slices above those left amount to */
function* walk(
  set: SerialSet,
  slices: readonly SerialSet[],
  direction: Direction,
  value: number,
): Generator<Ranked> {
  if (set.isEmpty) return
  const bit = slices.length - 1
  if (bit < 0) return yield* ranked(set, value)
  const lower = slices.slice(0, bit)
  const high = slices[bit]!
  if (direction === 'ASCENDING') yield* walk(set.minus(high), lower, direction, value)
  yield* walk(set.intersect(high), lower, direction, value + 2 ** bit)
  if (direction === 'DESCENDING') yield* walk(set.minus(high), lower, direction, value)
}

function* ranked(set: SerialSet, value: number): Generator<Ranked> {
  for (const serial of set) yield { value, serial }
}
