import type { MiningStrategy } from '../graph/schema.generated.ts'

/** Ways to choose what is mined, the usual one first. */
export const strategies = [
  'ENTROPY',
  'LEAST_CONFIDENCE',
  'MARGIN',
  'RANDOM',
] as const satisfies MiningStrategy[]
