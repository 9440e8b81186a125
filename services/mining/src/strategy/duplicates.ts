import { setImmediate as breath } from 'node:timers/promises'
import { dot } from './vectors.ts'

/** 64 bits of what an image looks like, in two words. */
export interface PerceptualHash {
  readonly high: number
  readonly low: number
}

/** What de-duplication knows of an asset. */
export interface Fingerprint {
  readonly assetId: string
  readonly perceptualHash?: PerceptualHash
  readonly embedding?: Float32Array
}

export interface DuplicateLimits {
  /** Highest Hamming distance of hashes that counts as the same; 0..64. */
  readonly hashBits: number
  /** Cosine distance, 1 - cos, below which embeddings count as the same; 0..2, 0: they never do. */
  readonly cosineDistance: number
}

/** Between copies of an image (other size, other compression) and different images: docs/mining.md has the measurement. */
export const duplicateLimits: DuplicateLimits = { hashBits: 6, cosineDistance: 0.001 }

export const likenesses = ['IDENTICAL', 'PERCEPTUAL', 'EMBEDDING'] as const
export type Likeness = (typeof likenesses)[number]

/** An asset that repeats another, and by what that was seen. */
export interface Duplicate {
  readonly assetId: string
  readonly of: string
  readonly by: Likeness
}

/** Share of the usual distance within a pool that is still near: copies lie at a hundredth of it, the nearest others at a tenth. */
const nearShare = 0.05
const sampleSize = 64

/**
 * The limits for a pool: where a weak model sees all images alike, the distance that counts as the same shrinks with the
 * median distance of some of them, so that different images are never taken for duplicates because of the model.
 */
export function limitsFor(pool: readonly Fingerprint[], limits: DuplicateLimits): DuplicateLimits {
  const seen = pool.map(ofUnitLength).flatMap(({ embedding }) => (embedding ? [embedding] : []))
  const sample = seen.slice(0, sampleSize)
  const distances = sample.flatMap((one, index) =>
    sample.slice(index + 1).flatMap((other) => cosineDistance(one, other) ?? []),
  )
  const median = distances.sort((a, b) => a - b)[Math.floor(distances.length / 2)]
  if (median === undefined) return limits
  return { ...limits, cosineDistance: Math.min(limits.cosineDistance, nearShare * median) }
}

/** Bits in which two hashes differ, 0..64. */
export function hammingDistance(a: PerceptualHash, b: PerceptualHash): number {
  return bitsOf(a.high ^ b.high) + bitsOf(a.low ^ b.low)
}

function bitsOf(word: number): number {
  let rest = word - ((word >>> 1) & 0x55555555)
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333)
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** Those of a batch that repeat one of the given sets (training, mined before). Work: batch x given; others have their turn in between. */
export async function repeatsOf(
  given: readonly Fingerprint[],
  batch: readonly Fingerprint[],
  limits: DuplicateLimits = duplicateLimits,
): Promise<Duplicate[]> {
  const known = given.map(ofUnitLength)
  const duplicates: Duplicate[] = []
  for (const one of batch) {
    await breath()
    const found = firstLike(ofUnitLength(one), known, limits)
    if (found) duplicates.push(found)
  }
  return duplicates
}

/**
 * The batch without what repeats an earlier asset of it. The first stays, so give it best first. Work: batch x batch;
 * others have their turn in between.
 */
export async function withoutDuplicates<One extends Fingerprint>(
  batch: readonly One[],
  limits: DuplicateLimits = duplicateLimits,
): Promise<{ readonly kept: One[]; readonly duplicates: Duplicate[] }> {
  const known: Fingerprint[] = []
  const kept: One[] = []
  const duplicates: Duplicate[] = []
  for (const one of batch) {
    await breath()
    const seen = ofUnitLength(one)
    const found = firstLike(seen, known, limits)
    if (found) {
      duplicates.push(found)
      continue
    }
    known.push(seen)
    kept.push(one)
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

function likeness(a: Fingerprint, b: Fingerprint, limits: DuplicateLimits): Likeness | undefined {
  if (a.assetId === b.assetId) return 'IDENTICAL'
  const [hash, other] = [a.perceptualHash, b.perceptualHash]
  if (hash && other && hammingDistance(hash, other) <= limits.hashBits) return 'PERCEPTUAL'
  const distance = a.embedding && b.embedding && cosineDistance(a.embedding, b.embedding)
  return distance !== undefined && distance < limits.cosineDistance ? 'EMBEDDING' : undefined
}

/** 1 - cos of vectors of length 1; undefined when they are of different models. */
function cosineDistance(a: Float32Array, b: Float32Array): number | undefined {
  return a.length === b.length ? 1 - dot(a, 0, b, 0, a.length) : undefined
}

/** An embedding of zeros says nothing, and goes. */
function ofUnitLength({ assetId, perceptualHash, embedding }: Fingerprint): Fingerprint {
  const norm = embedding ? Math.sqrt(dot(embedding, 0, embedding, 0, embedding.length)) : 0
  return {
    assetId,
    ...(perceptualHash && { perceptualHash }),
    ...(embedding && norm > 0 && { embedding: embedding.map((value) => value / norm) }),
  }
}
