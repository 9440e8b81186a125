import type { EntityManager } from 'typeorm'
import { readEntries } from '../asset/entry.store.ts'
import { entryIndexOf } from '../index/entry-index.ts'
import { entryStatistics } from '../index/entry-statistics.ts'
import { measuresOf } from '../index/measure.ts'
import { pageStatistics } from '../index/page-statistics.ts'
import { type Bits, countDifferent, onlyIn, pageLength, placesOf } from './bits.ts'
import { encodeBits } from './encoding.ts'
import type { SerialSet } from './serial-set.ts'
import { addStatistics, noStatistics, type Statistics, subtractStatistics } from './statistics.ts'
import { hashOf, readByHash } from './stored-page.ts'

/** A page of a relative that differs from a new one in few entries. */
interface Near {
  readonly number: number
  readonly hash: Buffer
  /** Serials of the new page only. */
  readonly gained: readonly number[]
  /** Serials of the relative's page only. */
  readonly lost: readonly number[]
}

/** Up to here reading the entries costs less than counting the bits of their page, and than reading its index first. */
const fewDifferences = 64

/**
 * Statistics of pages that are not stored yet: those of a relative's page plus and minus the few entries that differ, or
 * else counted from the index.
 * @param numbers pages of the set, some at a time
 * @param relatives stored sets, such as a version's parents
 */
export async function statisticsOfNew(
  manager: EntityManager,
  serials: SerialSet,
  numbers: readonly number[],
  relatives: readonly SerialSet[],
): Promise<Map<number, Statistics>> {
  const near = numbers.flatMap((number) => nearest(serials.page(number)!, number, relatives) ?? [])
  const found = await differing(manager, near)
  const others = numbers.filter((number) => !found.has(number))
  if (others.length === 0) return found
  const index = await entryIndexOf(manager).readCounted(manager, others)
  for (const number of others)
    found.set(number, pageStatistics(serials.page(number)!, index.get(number) ?? new Map()))
  return found
}

function nearest(page: Bits, number: number, relatives: readonly SerialSet[]): Near | undefined {
  let bits: Bits | undefined
  let fewest = fewDifferences + 1
  for (const relative of relatives) {
    const other = relative.page(number)
    const count = other ? countDifferent(page, other) : Infinity
    if (count < fewest) [bits, fewest] = [other, count]
  }
  if (!bits) return undefined
  const only = (one: Bits, other: Bits) =>
    Array.from(placesOf(onlyIn(one, other)), (place) => number * pageLength + place)
  const hash = hashOf(number, encodeBits(bits))
  return { number, hash, gained: only(page, bits), lost: only(bits, page) }
}

async function differing(manager: EntityManager, near: readonly Near[]): Promise<Map<number, Statistics>> {
  const found = new Map<number, Statistics>()
  if (near.length === 0) return found
  const stored = await readByHash(
    manager,
    near.map(({ hash }) => hash),
  )
  const entries = await readEntries(
    manager,
    near.flatMap(({ gained, lost }) => [...gained, ...lost]),
  )
  const ofEntry = new Map(entries.map((entry) => [entry.serial, entryStatistics(measuresOf(entry))]))
  const sumOf = (serials: readonly number[]) =>
    serials.map((serial) => ofEntry.get(serial)!).reduce(addStatistics, noStatistics)
  for (const { number, hash, gained, lost } of near) {
    const relative = stored.get(hash.toString('hex'))
    if (!relative) continue // a relative that was not stored, or in another form
    found.set(number, subtractStatistics(addStatistics(relative.statistics, sumOf(gained)), sumOf(lost)))
  }
  return found
}
