import type { EntityManager } from 'typeorm'
import { entryIndexOf } from '../index/entry-index.ts'
import { pagesFrom, readPages } from '../page/page.store.ts'
import { pageOf, SerialSet } from '../page/serial-set.ts'
import type { AssetOrder, Position } from './asset-order.type.ts'
import { type AssetFilter, filterVersion, type LabelFilter } from './filter.ts'
import { StoredEntries } from './stored-entries.ts'
import type { DatasetVersion } from './version.entity.ts'

/** Some entries of a version, in the order wanted. */
export interface Listed {
  readonly serials: readonly number[]
  /** What a cursor says of an entry. */
  readonly keyOf: (serial: number) => readonly number[]
  /** Of the whole list. */
  readonly count: number
}

/** Which part of a list is wanted. */
export interface Part {
  readonly after: Position | undefined
  /** How many to pass over behind `after`. */
  readonly skip: number
  readonly length: number
}

/** The entries as they were added: decodes no more pages than it passes and shows. */
export async function listPages(
  manager: EntityManager,
  version: DatasetVersion,
  { after, skip, length }: Part,
): Promise<Listed> {
  const last = after?.serial ?? -1
  const serials: number[] = []
  let toPass = skip
  for await (const page of pagesFrom(manager, version.id, pageOf(last + 1))) {
    const set = new SerialSet(new Map([page])).above(last)
    const { size } = set
    if (toPass < size)
      serials.push(...set.atRanks(ranks(toPass, Math.min(size, toPass + length - serials.length))))
    toPass = Math.max(0, toPass - size)
    if (serials.length === length) break
  }
  return { serials, keyOf: (serial) => [serial], count: version.assetCount }
}

/** @param filter undefined: all entries */
export async function listFiltered(
  manager: EntityManager,
  version: DatasetVersion,
  filter: (LabelFilter & { readonly filter: AssetFilter }) | undefined,
  order: AssetOrder,
  { after, skip, length }: Part,
): Promise<Listed> {
  const { serials: all } = await readPages(manager, version.id)
  const set = filter ? await filterVersion(all, filter, new StoredEntries(manager)) : all
  if (order.by === 'ADDED') {
    const serials =
      order.direction === 'ASCENDING'
        ? [...set.above(after?.serial ?? -1).atRanks(ranks(skip, skip + length))]
        : take(set.below(after?.serial ?? Infinity), skip, length)
    return { serials, keyOf: (serial) => [serial], count: set.size }
  }
  const measured = await entryIndexOf(manager).read(manager, order.measure, set.pageNumbers)
  const ranked = take(measured.ordered(set, order.direction, after), skip, length)
  const values = new Map(ranked.map(({ serial, value }) => [serial, value]))
  return {
    serials: ranked.map(({ serial }) => serial),
    keyOf: (serial) => [values.get(serial)!, serial], // only of those listed
    count: set.size,
  }
}

function* ranks(from: number, to: number): Generator<number> {
  for (let rank = from; rank < to; rank++) yield rank
}

function take<Value>(values: Iterable<Value>, skip: number, length: number): Value[] {
  const taken: Value[] = []
  if (length === 0) return taken
  let passed = 0
  for (const value of values) {
    if (passed++ < skip) continue
    if (taken.push(value) === length) break
  }
  return taken
}
