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

/** The entries as they were added: reads no more pages than it shows. */
export async function listPages(
  manager: EntityManager,
  version: DatasetVersion,
  after: Position | undefined,
  length: number,
): Promise<Listed> {
  const last = after?.serial ?? -1
  const serials: number[] = []
  for await (const page of pagesFrom(manager, version.id, pageOf(last + 1))) {
    serials.push(...take(new SerialSet(new Map([page])).after(last), length - serials.length))
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
  after: Position | undefined,
  length: number,
): Promise<Listed> {
  const { serials: all } = await readPages(manager, version.id)
  const set = filter ? await filterVersion(all, filter, new StoredEntries(manager)) : all
  if (order.by === 'ADDED') {
    const listed =
      order.direction === 'ASCENDING' ? set.after(after?.serial ?? -1) : set.below(after?.serial ?? Infinity)
    return { serials: take(listed, length), keyOf: (serial) => [serial], count: set.size }
  }
  const measured = await entryIndexOf(manager).read(manager, order.measure, set.pageNumbers)
  const ranked = take(measured.ordered(set, order.direction, after), length)
  const values = new Map(ranked.map(({ serial, value }) => [serial, value]))
  return {
    serials: ranked.map(({ serial }) => serial),
    keyOf: (serial) => [values.get(serial)!, serial], // only of those listed
    count: set.size,
  }
}

function take<Value>(values: Iterable<Value>, length: number): Value[] {
  const taken: Value[] = []
  if (length === 0) return taken
  for (const value of values) if (taken.push(value) === length) break
  return taken
}
