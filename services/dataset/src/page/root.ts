import { createHash } from 'node:crypto'

/**
 * Root of a version: a Merkle root, SHA-256 over the numbers and hashes of its pages. An entry is stored once and keeps
 * its serial, so within one workspace equal content gives an equal root; another workspace counts serials of its own.
 * `entry-index.migration.ts` computes the same in SQL.
 * @param pages ascending by number
 */
export function rootOf(pages: readonly { readonly number: number; readonly hash: Buffer }[]): string {
  const hash = createHash('sha256').update('ymir dataset version 2\n')
  for (const page of pages) hash.update(`${page.number} ${page.hash.toString('hex')}\n`)
  return hash.digest('hex')
}
