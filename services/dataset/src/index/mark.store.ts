import type { EntityManager } from 'typeorm'
import { pageLength } from '../page/bits.ts'
import { decodeBits, withPlaces } from '../page/encoding.ts'
import { pageOf, SerialSet } from '../page/serial-set.ts'
import type { MarkedSerials } from './mark.ts'

interface MarkPage {
  readonly mark: string
  readonly slice: number
  readonly number: number
  readonly places: number[]
}

/** Adds serials to marks, whatever their number, with one read and one write. The caller holds the entries' lock. */
export async function addToMarks(manager: EntityManager, marked: MarkedSerials): Promise<void> {
  const pages = pagesOf(marked)
  if (pages.length === 0) return
  const keys = [
    pages.map(({ number }) => number),
    pages.map(({ mark }) => mark),
    pages.map(({ slice }) => slice),
  ]
  const before: { position: string; bits: Buffer }[] = await manager.query(
    `select position, bits
       from unnest($1::integer[], $2::text[], $3::smallint[]) with ordinality as p (page_number, mark, slice, position)
       join entry_marks using (page_number, mark, slice)`,
    keys,
  )
  const bytes = new Map(before.map(({ position, bits }) => [Number(position) - 1, bits]))
  await manager.query(
    `insert into entry_marks (page_number, mark, slice, bits)
     select * from unnest($1::integer[], $2::text[], $3::smallint[], $4::bytea[])
     on conflict (page_number, mark, slice) do update set bits = excluded.bits`,
    [...keys, pages.map(({ places }, index) => withPlaces(bytes.get(index), places))],
  )
}

/** Tells readers that pages have measures of more entries; in the transaction that adds them. */
export async function revisePages(manager: EntityManager, numbers: Iterable<number>): Promise<void> {
  await manager.query(
    `insert into mark_revisions (page_number) select * from unnest($1::integer[])
     on conflict (page_number) do update set revision = excluded.revision`,
    [[...new Set(numbers)]],
  )
}

/** The serials with a mark of their asset, such as `several`: such marks come later than the entries, and are not cached. */
export async function readMark(manager: EntityManager, mark: string): Promise<SerialSet> {
  const rows: { page_number: number; bits: Buffer }[] = await manager.query(
    `select page_number, bits from entry_marks
      where page_number in (select page_number from mark_revisions) and mark = $1 and slice = 0`,
    [mark],
  )
  return new SerialSet(new Map(rows.map(({ page_number, bits }) => [page_number, decodeBits(bits)])))
}

function pagesOf(marked: MarkedSerials): MarkPage[] {
  const pages: MarkPage[] = []
  for (const { mark, slice, serials } of marked) {
    const byNumber = new Map<number, number[]>()
    for (const serial of serials) {
      const number = pageOf(serial)
      const places = byNumber.get(number)
      if (places) places.push(serial % pageLength)
      else byNumber.set(number, [serial % pageLength])
    }
    for (const [number, places] of byNumber) pages.push({ mark, slice, number, places })
  }
  return pages
}
