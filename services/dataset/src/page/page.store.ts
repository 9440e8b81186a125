import type { EntityManager } from 'typeorm'
import { type Bits, pageLength } from './bits.ts'
import { BoundedCache } from './bounded-cache.ts'
import { decodeBits, encodeBits } from './encoding.ts'
import { statisticsOfNew } from './new-statistics.ts'
import { SerialSet } from './serial-set.ts'
import { addStatistics, noStatistics, type Statistics } from './statistics.ts'
import { hashOf, holdByHash, type Page, readByHash } from './stored-page.ts'

/** The serials of a version. */
export interface StoredSet {
  readonly serials: SerialSet
}

/** Pages named by their hash: what was read once is never out of date, whatever database it is from. */
const decoded = new BoundedCache<Bits>(64 * 2 ** 20)
const decodedBytes = pageLength / 8

export async function readPages(manager: EntityManager, versionId: string): Promise<StoredSet> {
  const pages: [number, Bits][] = []
  for await (const page of pagesFrom(manager, versionId, 0)) pages.push(page)
  return { serials: new SerialSet(new Map(pages)) }
}

/** The first page of each version that has one: where a few of its entries can be had for little. */
export async function firstPages(
  manager: EntityManager,
  versionIds: readonly string[],
): Promise<Map<string, SerialSet>> {
  const rows: { version: string; number: number; hash: Buffer }[] = await manager.query(
    `select distinct on (version_id) version_id as version, page_number as number, page_hash as hash
       from version_pages where version_id = any($1::uuid[]) order by version_id, page_number`,
    [versionIds],
  )
  const bits = await readBits(
    manager,
    rows.map(({ hash }) => hash.toString('hex')),
  )
  return new Map(
    rows.map(({ version, number }, index) => [version, new SerialSet(new Map([[number, bits[index]!]]))]),
  )
}

const readAtOnce = 64
const readFirst = 1

/** The pages of a version from a page number on, ascending; few are read before they are asked for. */
export async function* pagesFrom(
  manager: EntityManager,
  versionId: string,
  first: number,
): AsyncGenerator<[number, Bits]> {
  const rows: { number: number; hash: Buffer }[] = await manager.query(
    `select page_number as number, page_hash as hash from version_pages
      where version_id = $1 and page_number >= $2 order by page_number`,
    [versionId, first],
  )
  for (let at = 0, length = readFirst; at < rows.length; at += length, length = readAtOnce) {
    const group = rows.slice(at, at + length)
    const bits = await readBits(
      manager,
      group.map(({ hash }) => hash.toString('hex')),
    )
    for (const [index, { number }] of group.entries()) yield [number, bits[index]!]
  }
}

async function readBits(manager: EntityManager, hashes: readonly string[]): Promise<Bits[]> {
  const found = new Map<string, Bits | undefined>(hashes.map((hash) => [hash, decoded.get(hash)]))
  const missing = hashes.filter((hash) => !found.get(hash))
  if (missing.length) {
    const rows: { hash: string; bits: Buffer }[] = await manager.query(
      `select encode(hash, 'hex') as hash, bits from pages
        where hash in (select decode(hash, 'hex') from unnest($1::text[]) as h (hash))`,
      [missing],
    )
    for (const row of rows) {
      const bits = decodeBits(row.bits)
      found.set(row.hash, bits)
      decoded.set(row.hash, bits, decodedBytes)
    }
  }
  return hashes.map((hash) => found.get(hash)!) // version_pages refers to pages
}

/**
 * Stores a set as pages, and holds them until the transaction ends, in which a version must name them. A page that exists is
 * only named; the statistics of a new one are found out.
 * @param relatives stored sets that the new one may be much like
 */
export async function storePages(
  manager: EntityManager,
  serials: SerialSet,
  relatives: readonly SerialSet[],
): Promise<Page[]> {
  const wanted = serials.pageNumbers.map((number) => {
    const bits = encodeBits(serials.page(number)!)
    return { number, bits, hash: hashOf(number, bits) }
  })
  const hashes = wanted.map(({ hash }) => hash)
  const pages = await holdByHash(manager, hashes)
  const added = wanted.filter(({ hash }) => !pages.has(hash.toString('hex')))
  for (let at = 0; at < added.length; at += storedAtOnce) {
    const group = added.slice(at, at + storedAtOnce)
    const numbers = group.map(({ number }) => number)
    const statistics = await statisticsOfNew(manager, serials, numbers, relatives)
    const counted = group.map((page) => ({ ...page, statistics: statistics.get(page.number)! }))
    await insertPages(manager, counted)
    for (const page of counted) pages.set(page.hash.toString('hex'), page)
  }
  return wanted.map(({ hash }) => pages.get(hash.toString('hex'))!)
}

/**
 * The statistics that a set would have if it was stored; nothing is.
 * @param relatives as of `storePages`
 */
export async function countPages(
  manager: EntityManager,
  serials: SerialSet,
  relatives: readonly SerialSet[],
): Promise<Statistics> {
  const numbers = serials.pageNumbers
  const hashes = numbers.map((number) => hashOf(number, encodeBits(serials.page(number)!)))
  const stored = await readByHash(manager, hashes)
  const isNew = (_: number, index: number) => !stored.has(hashes[index]!.toString('hex'))
  const added = numbers.filter(isNew)
  let sum = [...stored.values()].map(({ statistics }) => statistics).reduce(addStatistics, noStatistics)
  for (let at = 0; at < added.length; at += storedAtOnce) {
    const group = await statisticsOfNew(manager, serials, added.slice(at, at + storedAtOnce), relatives)
    sum = [...group.values()].reduce(addStatistics, sum)
  }
  return sum
}

const storedAtOnce = 16

/** One that another transaction has stored meanwhile is written over with the same, which holds it. */
async function insertPages(
  manager: EntityManager,
  pages: readonly (Page & { readonly bits: Buffer })[],
): Promise<void> {
  await manager.query(
    `insert into pages (hash, number, bits, statistics)
     select * from unnest($1::bytea[], $2::integer[], $3::bytea[], $4::jsonb[]) order by 1
     on conflict (hash) do update set number = excluded.number`,
    [
      pages.map(({ hash }) => hash),
      pages.map(({ number }) => number),
      pages.map(({ bits }) => bits),
      pages.map(({ statistics }) => JSON.stringify(statistics)),
    ],
  )
}
