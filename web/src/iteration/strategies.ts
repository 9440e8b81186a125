import type { MiningStrategy } from '../graph/schema.generated.ts'

/** Ways to choose what is mined, the usual one first. */
export const strategies = [
  'ENTROPY',
  'LEAST_CONFIDENCE',
  'MARGIN',
  'BINARY_ENTROPY',
  'VIEW_DISAGREEMENT',
  'PROBABILITY_VARIANCE',
  'CALD_OF_IMAGES',
  'CORE_SET',
  'BADGE',
  'TYPICLUST',
  'RANDOM',
] as const satisfies MiningStrategy[]
