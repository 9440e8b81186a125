import { dot } from './vectors.ts'

/** What de-duplication knows of an asset. */
export interface Fingerprint {
  readonly assetId: string
  /** 64 bits. */
  readonly perceptualHash?: bigint
  readonly embedding?: Float32Array
}

export interface DuplicateLimits {
  /** Highest Hamming distance of hashes that counts as the same; 0..64. Default 4. */
  readonly hashBits: number
  /** Highest cosine distance, 1 - cos, that counts as the same; 0..2. Default 0.02. */
  readonly cosineDistance: number
}

export const duplicateLimits: DuplicateLimits = { hashBits: 4, cosineDistance: 0.02 }

export type Duplicate = {
  readonly assetId: string
  readonly of: string
  readonly by: 'IDENTICAL' | 'PERCEPTUAL' | 'EMBEDDING'
}

/** Bits in which two 64-bit hashes differ, 0..64. */
export function hammingDistance(a: bigint, b: bigint): number {
  const difference = BigInt.asUintN(64, a ^ b)
  return bitsOf(Number(difference & 0xffffffffn)) + bitsOf(Number(difference >> 32n))
}

function bitsOf(word: number): number {
  let rest = word - ((word >>> 1) & 0x55555555)
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333)
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/**
 * The batch without what repeats an earlier asset of it or one of the given sets (training, mined before). The first in
 * the batch stays, so give it best first. Work: batch x (batch + given).
 */
export function withoutDuplicates(
  batch: readonly Fingerprint[],
  given: readonly Fingerprint[] = [],
  limits: DuplicateLimits = duplicateLimits,
): { readonly kept: string[]; readonly duplicates: Duplicate[] } {
  const known = [...given]
  const kept: string[] = []
  const duplicates: Duplicate[] = []
  for (const one of batch) {
    const found = firstLike(one, known, limits)
    if (found) {
      duplicates.push(found)
      continue
    }
    known.push(one)
    kept.push(one.assetId)
  }
  return { kept, duplicates }
}

function firstLike(
  one: Fingerprint,
  known: readonly Fingerprint[],
  limits: DuplicateLimits,
): Duplicate | undefined {
  for (const other of known) {
    const by = likeness(one, other, limits)
    if (by) return { assetId: one.assetId, of: other.assetId, by }
  }
}

function likeness(a: Fingerprint, b: Fingerprint, limits: DuplicateLimits): Duplicate['by'] | undefined {
  if (a.assetId === b.assetId) return 'IDENTICAL'
  const hashes = a.perceptualHash !== undefined && b.perceptualHash !== undefined
  if (hashes && hammingDistance(a.perceptualHash!, b.perceptualHash!) <= limits.hashBits) return 'PERCEPTUAL'
  if (!a.embedding || !b.embedding || a.embedding.length !== b.embedding.length) return
  const norms =
    dot(a.embedding, 0, a.embedding, 0, a.embedding.length) *
    dot(b.embedding, 0, b.embedding, 0, b.embedding.length)
  if (!(norms > 0)) return
  const distance = 1 - dot(a.embedding, 0, b.embedding, 0, a.embedding.length) / Math.sqrt(norms)
  return distance <= limits.cosineDistance ? 'EMBEDDING' : undefined
}
