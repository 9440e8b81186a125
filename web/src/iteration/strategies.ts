import type { MiningStrategy } from '../graph/schema.generated.ts'

/**
 * In the order of the menus, the usual one first; the compiler asks for every strategy of the graph. One that picks a
 * whole batch scores no single image, and is no part of a hybrid (docs/mining.md).
 */
const all: Readonly<Record<MiningStrategy, 'SCORES' | 'PICKS'>> = {
  CLASS_BALANCE: 'SCORES',
  ENTROPY: 'SCORES',
  LEAST_CONFIDENCE: 'SCORES',
  MARGIN: 'SCORES',
  BINARY_ENTROPY: 'SCORES',
  VIEW_DISAGREEMENT: 'SCORES',
  PROBABILITY_VARIANCE: 'SCORES',
  CALD: 'PICKS',
  CALD_OF_IMAGES: 'SCORES',
  LOCAL_DIVERGENCE: 'SCORES',
  CORE_SET: 'PICKS',
  BADGE: 'PICKS',
  TYPICLUST: 'PICKS',
  PPAL: 'PICKS',
  RANDOM: 'SCORES',
}

export const strategies = Object.keys(all) as MiningStrategy[] // exactly its keys

/** Those that can be parts of a hybrid. */
export const scoringStrategies = strategies.filter((one) => all[one] === 'SCORES')
