import { createHash } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import { entryIndexOf } from '../index/entry-index.ts'
import { pageStatistics } from '../index/page-statistics.ts'
import { type Bits, pageLength } from './bits.ts'
import { BoundedCache } from './bounded-cache.ts'
import { decodeBits, encodeBits } from './encoding.ts'
import { SerialSet } from './serial-set.ts'
import type { Statistics } from './statistics.ts'

/** A page as it is stored: once for all versions that have it. */
export interface Page {
  readonly number: number
  /** SHA-256 of the number and the bits. */
  readonly hash: Buffer
  readonly statistics: Statistics
}

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

/** Stores a set as pages. A page that exists is only named; the statistics of a new one are counted from the index. */
export async function storePages(manager: EntityManager, serials: SerialSet): Promise<Page[]> {
  const wanted = serials.pageNumbers.map((number) => {
    const bits = encodeBits(serials.page(number)!)
    return { number, bits, hash: hashOf(number, bits) }
  })
  const hashes = wanted.map(({ hash }) => hash)
  const pages = new Map((await readByHash(manager, hashes)).map((page) => [page.hash.toString('hex'), page]))
  const added = wanted.filter(({ hash }) => !pages.has(hash.toString('hex')))
  for (let at = 0; at < added.length; at += countedAtOnce) {
    const group = added.slice(at, at + countedAtOnce)
    for (const page of await storeNew(manager, group, serials)) pages.set(page.hash.toString('hex'), page)
  }
  return wanted.map(({ hash }) => pages.get(hash.toString('hex'))!)
}

const countedAtOnce = 16

async function storeNew(
  manager: EntityManager,
  added: readonly { number: number; bits: Buffer; hash: Buffer }[],
  serials: SerialSet,
): Promise<Page[]> {
  const numbers = added.map(({ number }) => number)
  const index = await entryIndexOf(manager).readCounted(manager, numbers)
  const pages = added.map(({ number, hash }) => {
    const statistics = pageStatistics(serials.page(number)!, index.get(number) ?? new Map())
    return { number, hash, statistics }
  })
  await manager.query(
    `insert into pages (hash, number, bits, statistics)
     select * from unnest($1::bytea[], $2::integer[], $3::bytea[], $4::jsonb[]) order by 1 on conflict do nothing`,
    [
      added.map(({ hash }) => hash),
      numbers,
      added.map(({ bits }) => bits),
      pages.map(({ statistics }) => JSON.stringify(statistics)),
    ],
  )
  return pages
}

function readByHash(manager: EntityManager, hashes: readonly Buffer[]): Promise<Page[]> {
  return manager.query('select number, hash, statistics from pages where hash = any($1::bytea[])', [hashes])
}

function hashOf(number: number, bits: Buffer): Buffer {
  return createHash('sha256').update(`page ${number}\n`).update(bits).digest()
}
