import type { MiningStrategy } from '../graph/schema.generated.ts'

/** In the order of the menus, the usual one first; the compiler asks for every strategy of the graph. */
const all: Readonly<Record<MiningStrategy, true>> = {
  ENTROPY: true,
  LEAST_CONFIDENCE: true,
  MARGIN: true,
  BINARY_ENTROPY: true,
  CLASS_BALANCE: true,
  VIEW_DISAGREEMENT: true,
  PROBABILITY_VARIANCE: true,
  CALD: true,
  CALD_OF_IMAGES: true,
  LOCAL_DIVERGENCE: true,
  CORE_SET: true,
  BADGE: true,
  TYPICLUST: true,
  PPAL: true,
  RANDOM: true,
}

export const strategies = Object.keys(all) as MiningStrategy[] // exactly its keys
