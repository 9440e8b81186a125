import { createHash } from 'node:crypto'

/** One of the parts into which a seed deals the assets of a version. */
export interface Chunk {
  readonly seed: number
  /** How many parts there are. */
  readonly count: number
  /** From 0. */
  readonly number: number
}

/** Whether the seed deals an asset into this part: no order and no list is needed, so any number of assets can be dealt. */
export function isInChunk(assetId: string, { seed, count, number }: Chunk): boolean {
  return createHash('sha256').update(`${seed}:${assetId}`).digest().readUInt32BE() % count === number
}
