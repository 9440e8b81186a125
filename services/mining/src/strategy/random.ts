import { createHash } from 'node:crypto'

/**
 * A seeded draw as a score in 0..1, uniform: the first 48 bits of SHA-256 of seed and id. The highest of a pool are a random
 * sample of it, whatever the order, in one pass.
 */
export function randomScore(assetId: string, seed: number): number {
  return createHash('sha256').update(`${seed} ${assetId}`).digest().readUIntBE(0, 6) / 2 ** 48
}
