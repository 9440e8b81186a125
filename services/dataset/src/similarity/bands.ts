import { setImmediate as breathe } from 'node:timers/promises'
import { countInWord } from '../page/bits.ts'
import type { HashList } from './hash-list.ts'

/** Largest distance at which every pair is found: two hashes that differ in three bits agree in one of four bands. */
export const exactDistance = 3

const bandCount = 4
const bandValues = 65_536
const comparedAtMost = 300_000_000
const comparedAtOnce = 2_000_000

/** What a search compared; it ends early when very many images look almost the same. */
export class Effort {
  private compared = 0
  private sinceBreath = 0

  get isSpent(): boolean {
    return this.compared > comparedAtMost
  }

  /** True now and then: let others have the processor (see `breath`). */
  spend(comparisons: number): boolean {
    this.compared += comparisons
    this.sinceBreath += comparisons
    return this.sinceBreath > comparedAtOnce
  }

  async breath(): Promise<void> {
    this.sinceBreath = 0
    await breathe()
  }
}

/**
 * Places by the value of one band: those of value v stand from `starts[v]` to `starts[v + 1]`. Their hashes stand beside them:
 * looking them up one by one all over the list took most of the time.
 */
interface Buckets {
  readonly starts: Uint32Array
  readonly places: Uint32Array
  readonly high: Uint32Array
  readonly low: Uint32Array
}

/**
 * Finds hashes that differ in at most three of 64 bits (multi-index hashing: Norouzi, Punjani, Fleet, "Fast Search in Hamming
 * Space with Multi-Index Hashing", CVPR 2012): only those that agree in one of four bands of 16 bits are compared.
 */
export class Bands {
  private readonly buckets: readonly Buckets[]

  /** @param chosen places of `list` among which is searched */
  constructor(list: HashList, chosen: Uint32Array) {
    this.buckets = Array.from({ length: bandCount }, (_, band) => sortByBand(list, chosen, band))
  }

  /** Calls `found` with the place of each hash in reach, once, until it returns false. @returns how many were compared */
  near(high: number, low: number, maxDistance: number, found: (place: number) => boolean): number {
    let compared = 0
    for (let band = 0; band < bandCount; band++) {
      const { starts, places, ...hashes } = this.buckets[band]!
      const value = bandOf(high, low, band)
      for (let at = starts[value]!; at < starts[value + 1]!; at++) {
        compared++
        const differentHigh = hashes.high[at]! ^ high
        const differentLow = hashes.low[at]! ^ low
        if (countInWord(differentHigh) + countInWord(differentLow) > maxDistance) continue
        if (!agreeBefore(band, differentHigh, differentLow) && !found(places[at]!)) return compared
      }
    }
    return compared
  }
}

function sortByBand({ high, low }: HashList, chosen: Uint32Array, band: number): Buckets {
  const starts = new Uint32Array(bandValues + 1)
  for (const place of chosen) starts[bandOf(high[place]!, low[place]!, band) + 1]!++
  for (let value = 0; value < bandValues; value++) starts[value + 1]! += starts[value]!
  const next = starts.slice()
  const places = new Uint32Array(chosen.length)
  for (const place of chosen) places[next[bandOf(high[place]!, low[place]!, band)]!++] = place
  return {
    starts,
    places,
    high: places.map((place) => high[place]!),
    low: places.map((place) => low[place]!),
  }
}

function bandOf(high: number, low: number, band: number): number {
  const word = band < 2 ? high : low
  return band % 2 === 0 ? word >>> 16 : word & 0xffff
}

/** A pair that agrees in several bands is found in the first of them only. */
function agreeBefore(band: number, differentHigh: number, differentLow: number): boolean {
  for (let before = 0; before < band; before++)
    if (bandOf(differentHigh, differentLow, before) === 0) return true
  return false
}
