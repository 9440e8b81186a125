import { createHash } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import type { Statistics } from './statistics.ts'

/** A page as it is stored: once for all versions that have it. */
export interface Page {
  readonly number: number
  /** SHA-256 of the number and the bits. */
  readonly hash: Buffer
  readonly statistics: Statistics
}

/** @param bits as `encodeBits` writes them */
export function hashOf(number: number, bits: Buffer): Buffer {
  return createHash('sha256').update(`page ${number}\n`).update(bits).digest()
}

/** Those of the pages that are stored, by hash in hexadecimal. */
export async function readByHash(
  manager: EntityManager,
  hashes: readonly Buffer[],
): Promise<Map<string, Page>> {
  return byHash(
    await manager.query('select number, hash, statistics from pages where hash = any($1::bytea[])', [hashes]),
  )
}

/**
 * As `readByHash`, and holds them until the transaction ends: garbage collection passes them over. Waits for a collection that
 * is deleting one of them, which is then not there.
 */
export async function holdByHash(
  manager: EntityManager,
  hashes: readonly Buffer[],
): Promise<Map<string, Page>> {
  return byHash(
    await manager.query(
      'select number, hash, statistics from pages where hash = any($1::bytea[]) for key share',
      [hashes],
    ),
  )
}

function byHash(pages: readonly Page[]): Map<string, Page> {
  return new Map(pages.map((page) => [page.hash.toString('hex'), page]))
}
