import { createHash } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import { readSummaries } from '../asset/entry.store.ts'
import { decodeBits, encodeBits } from './encoding.ts'
import {
  addFingerprint,
  decodeFingerprint,
  emptyFingerprint,
  encodeFingerprint,
  type Fingerprint,
  fingerprintOfEntry,
} from './fingerprint.ts'
import { SerialSet } from './serial-set.ts'
import { addStatistics, noStatistics, type Statistics, subtractStatistics, Tally } from './statistics.ts'

/** A page as it is stored: once for all versions that have it. */
export interface Page {
  readonly number: number
  /** SHA-256 of the number and the bits. */
  readonly hash: Buffer
  readonly fingerprint: Fingerprint
  readonly statistics: Statistics
}

/** The serials of a version and the hashes of its pages. */
export interface StoredSet {
  readonly serials: SerialSet
  readonly hashes: ReadonlyMap<number, Buffer>
}

export async function readPages(manager: EntityManager, versionId: string): Promise<StoredSet> {
  const rows: { number: number; hash: Buffer; bits: Buffer }[] = await manager.query(
    `select number, hash, bits from version_pages join pages on hash = page_hash where version_id = $1`,
    [versionId],
  )
  return {
    serials: new SerialSet(new Map(rows.map(({ number, bits }) => [number, decodeBits(bits)]))),
    hashes: new Map(rows.map(({ number, hash }) => [number, hash])),
  }
}

/**
 * Stores a set as pages. A page that exists is only named; the statistics of a new one are those of the most similar page
 * among `relatives`, corrected by the entries that differ: work grows with the change, not with the set.
 */
export async function storePages(
  manager: EntityManager,
  serials: SerialSet,
  relatives: readonly StoredSet[],
): Promise<Page[]> {
  const wanted = serials.pageNumbers.map((number) => {
    const bits = encodeBits(serials.page(number)!)
    return { number, bits, hash: hashOf(number, bits) }
  })
  const known = new Map(
    (
      await readByHash(
        manager,
        wanted.map(({ hash }) => hash),
      )
    ).map((page) => [page.hash.toString('hex'), page]),
  )
  const pages: Page[] = []
  for (const { number, bits, hash } of wanted) {
    const page = known.get(hash.toString('hex'))
    pages.push(page ?? (await storePage(manager, { number, bits, hash }, serials.onPage(number), relatives)))
  }
  return pages
}

async function storePage(
  manager: EntityManager,
  { number, bits, hash }: { number: number; bits: Buffer; hash: Buffer },
  serials: SerialSet,
  relatives: readonly StoredSet[],
): Promise<Page> {
  const relative = nearest(serials, number, relatives)
  const [base] = relative.hash ? await readByHash(manager, [relative.hash]) : []
  const fingerprint = base ? Uint32Array.from(base.fingerprint) : emptyFingerprint()
  const added = await sumOf(manager, serials.minus(relative.serials), fingerprint, 1)
  const removed = await sumOf(manager, relative.serials.minus(serials), fingerprint, -1)
  const statistics = subtractStatistics(addStatistics(base?.statistics ?? noStatistics, added), removed)
  await manager.query(
    `insert into pages (hash, number, bits, fingerprint, statistics) values ($1, $2, $3, $4, $5) on conflict do nothing`,
    [hash, number, bits, encodeFingerprint(fingerprint), JSON.stringify(statistics)],
  )
  return { number, hash, fingerprint, statistics }
}

/** The relative with the fewest entries more or less on this page; the empty set when that is nearer. */
function nearest(serials: SerialSet, number: number, relatives: readonly StoredSet[]) {
  let best = { serials: SerialSet.empty, hash: undefined as Buffer | undefined, distance: serials.size }
  for (const relative of relatives) {
    const theirs = relative.serials.onPage(number)
    const distance = serials.minus(theirs).size + theirs.minus(serials).size
    if (distance < best.distance) best = { serials: theirs, hash: relative.hashes.get(number), distance }
  }
  return best
}

async function sumOf(
  manager: EntityManager,
  serials: SerialSet,
  fingerprint: Fingerprint,
  sign: 1 | -1,
): Promise<Statistics> {
  const tally = new Tally()
  for await (const { assetId, annotationSet, summary, ...image } of readSummaries(manager, serials)) {
    addFingerprint(fingerprint, fingerprintOfEntry(assetId, annotationSet), sign)
    tally.add(image, summary)
  }
  return tally.statistics()
}

async function readByHash(manager: EntityManager, hashes: readonly Buffer[]): Promise<Page[]> {
  const rows: { number: number; hash: Buffer; fingerprint: Buffer; statistics: Statistics }[] =
    await manager.query(
      'select number, hash, fingerprint, statistics from pages where hash = any($1::bytea[])',
      [hashes],
    )
  return rows.map((row) => ({ ...row, fingerprint: decodeFingerprint(row.fingerprint) }))
}

function hashOf(number: number, bits: Buffer): Buffer {
  return createHash('sha256').update(`page ${number}\n`).update(bits).digest()
}
