import type { DataSource, EntityManager } from 'typeorm'
import { BoundedCache } from '../page/bounded-cache.ts'
import { decodeBits, decodeList } from '../page/encoding.ts'
import { type Measure } from './measure.ts'
import { MeasuredSet } from './measured-set.ts'
import { countedMeasures } from './page-statistics.ts'
import type { Places, Slices } from './slices.ts'

/** What is known of a page: measures that were read, and null for those that are nowhere on it. */
interface KnownPage {
  readonly revision: string
  readonly measures: Map<Measure, Slices | null>
  /** All labels of the page have been read. */
  hasLabels: boolean
  bytes: number
}

interface MarkRow {
  readonly page_number: number
  readonly mark: string
  readonly slice: number
  readonly bits: Buffer
}

const cachedBytesAtMost = 256 * 2 ** 20
const pagesAtOnce = 16

/**
 * The measures of all entries, as bitmaps by page. What was read stays in memory: a page that gets more entries gets
 * another revision with them, from a sequence that never goes back, so that what is kept is never taken for something else,
 * not even after a transaction was rolled back.
 */
export class EntryIndex {
  private readonly pages = new BoundedCache<KnownPage>(cachedBytesAtMost)

  /** One measure on the given pages. */
  async read(manager: EntityManager, measure: Measure, numbers: readonly number[]): Promise<MeasuredSet> {
    const found = new Map<number, Slices>()
    for (const some of inGroups(numbers))
      for (const [number, { measures }] of await this.load(manager, some, [measure], false)) {
        const slices = measures.get(measure)
        if (slices) found.set(number, slices)
      }
    return new MeasuredSet(found)
  }

  /** What statistics are made of, by page and measure; for some pages at a time. */
  async readCounted(
    manager: EntityManager,
    numbers: readonly number[],
  ): Promise<Map<number, ReadonlyMap<Measure, Slices>>> {
    const pages = await this.load(manager, numbers, countedMeasures, true)
    return new Map([...pages].map(([number, { measures }]) => [number, present(measures)]))
  }

  private async load(
    manager: EntityManager,
    numbers: readonly number[],
    wanted: readonly Measure[],
    labels: boolean,
  ): Promise<Map<number, KnownPage>> {
    const revisions: { page_number: number; revision: string }[] = await manager.query(
      'select page_number, revision from mark_revisions where page_number = any($1::integer[])',
      [numbers],
    )
    const pages = new Map(
      revisions.map((row) => [row.page_number, this.known(row.page_number, row.revision)]),
    )
    const incomplete = [...pages].filter(
      ([, page]) => (labels && !page.hasLabels) || wanted.some((measure) => !page.measures.has(measure)),
    )
    if (incomplete.length === 0) return pages
    const missing = wanted.filter((measure) => incomplete.some(([, page]) => !page.measures.has(measure)))
    const rows = await readMarks(
      manager,
      incomplete.map(([number]) => number),
      missing,
      labels,
    )
    for (const [number, page] of incomplete) {
      for (const measure of missing) page.measures.set(measure, null)
      if (labels) page.hasLabels = true
      for (const [measure, slices] of slicesOf(rows.get(number) ?? [])) {
        page.measures.set(measure, slices)
        for (const places of [slices.some, ...slices.excess]) page.bytes += places.byteLength
      }
      this.pages.set(number, page, page.bytes)
    }
    return pages
  }

  private known(number: number, revision: string): KnownPage {
    const page = this.pages.get(number)
    return page?.revision === revision ? page : { revision, measures: new Map(), hasLabels: false, bytes: 0 }
  }
}

/** One index for each database that the process works with. */
const indexes = new WeakMap<DataSource, EntryIndex>()

export function entryIndexOf({ connection }: EntityManager): EntryIndex {
  let index = indexes.get(connection)
  if (!index) indexes.set(connection, (index = new EntryIndex()))
  return index
}

/** A label's marks begin with "label "; the sign after the space is "!", in the order of bytes. */
async function readMarks(
  manager: EntityManager,
  numbers: readonly number[],
  measures: readonly Measure[],
  labels: boolean,
): Promise<Map<number, MarkRow[]>> {
  const rows: MarkRow[] = await manager.query(
    `select page_number, mark, slice, bits from entry_marks
      where page_number = any($1::integer[]) and mark = any($2::text[])
     ${
       labels
         ? `union all select page_number, mark, slice, bits from entry_marks
      where page_number = any($1::integer[]) and mark >= 'label ' and mark < 'label!'`
         : ''
     }`,
    [numbers, measures],
  )
  const byPage = new Map(numbers.map((number): [number, MarkRow[]] => [number, []]))
  for (const row of rows) byPage.get(row.page_number)?.push(row)
  return byPage
}

function slicesOf(rows: readonly MarkRow[]): Map<Measure, Slices> {
  const found = new Map<Measure, { some: Places; excess: Places[] }>()
  const none = new Uint16Array()
  for (const { mark, slice, bits } of rows) {
    let slices = found.get(mark)
    if (!slices) found.set(mark, (slices = { some: none, excess: [] }))
    const places = decodeList(bits) ?? decodeBits(bits)
    if (slice === 0) slices.some = places
    else {
      while (slices.excess.length < slice) slices.excess.push(none)
      slices.excess[slice - 1] = places
    }
  }
  return found
}

function present(measures: ReadonlyMap<Measure, Slices | null>): ReadonlyMap<Measure, Slices> {
  const found = new Map<Measure, Slices>()
  for (const [measure, slices] of measures) if (slices) found.set(measure, slices)
  return found
}

function* inGroups(numbers: readonly number[]): Generator<readonly number[]> {
  for (let at = 0; at < numbers.length; at += pagesAtOnce) yield numbers.slice(at, at + pagesAtOnce)
}
