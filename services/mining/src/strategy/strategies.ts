import type { AssetDetails } from './asset-details.ts'

export type StrategyName =
  | 'RANDOM'
  | 'LEAST_CONFIDENCE'
  | 'MARGIN'
  | 'ENTROPY'
  | 'BINARY_ENTROPY'
  | 'VIEW_DISAGREEMENT'
  | 'PROBABILITY_VARIANCE'
  | 'CALD'
  | 'CALD_OF_IMAGES'
  | 'LOCAL_DIVERGENCE'
  | 'CORE_SET'
  | 'BADGE'
  | 'TYPICLUST'
  | 'PPAL'
  | 'CLASS_BALANCE'

export type Need = 'PROBABILITIES' | 'EMBEDDINGS' | 'VIEWS' | 'HEAT_MAPS'

export interface Strategy {
  readonly needs: readonly Need[]
  /** PICKS: chooses a whole batch, no score for a single asset. */
  readonly order: 'HIGHEST_FIRST' | 'LOWEST_FIRST' | 'PICKS'
}

/** What each strategy needs of the image, and which scores come first. */
export const strategies: Readonly<Record<StrategyName, Strategy>> = {
  RANDOM: { needs: [], order: 'PICKS' },
  LEAST_CONFIDENCE: { needs: ['PROBABILITIES'], order: 'HIGHEST_FIRST' },
  MARGIN: { needs: ['PROBABILITIES'], order: 'HIGHEST_FIRST' },
  ENTROPY: { needs: ['PROBABILITIES'], order: 'HIGHEST_FIRST' },
  BINARY_ENTROPY: { needs: ['PROBABILITIES'], order: 'HIGHEST_FIRST' },
  VIEW_DISAGREEMENT: { needs: ['PROBABILITIES', 'VIEWS'], order: 'HIGHEST_FIRST' },
  PROBABILITY_VARIANCE: { needs: ['PROBABILITIES', 'VIEWS'], order: 'HIGHEST_FIRST' },
  CALD: { needs: ['PROBABILITIES', 'VIEWS'], order: 'PICKS' },
  CALD_OF_IMAGES: { needs: ['PROBABILITIES', 'VIEWS'], order: 'HIGHEST_FIRST' },
  LOCAL_DIVERGENCE: { needs: ['HEAT_MAPS'], order: 'HIGHEST_FIRST' },
  CORE_SET: { needs: ['EMBEDDINGS'], order: 'PICKS' },
  BADGE: { needs: ['PROBABILITIES', 'EMBEDDINGS'], order: 'PICKS' },
  TYPICLUST: { needs: ['EMBEDDINGS'], order: 'PICKS' },
  PPAL: { needs: ['PROBABILITIES', 'EMBEDDINGS'], order: 'PICKS' },
  CLASS_BALANCE: { needs: ['PROBABILITIES'], order: 'HIGHEST_FIRST' },
}

/** What the strategy needs and the image did not give for this asset; empty when it can be used. */
export function missingFor(name: StrategyName, asset: AssetDetails): Need[] {
  const isThere: Record<Need, boolean> = {
    PROBABILITIES: asset.detections.every(({ probabilities }) => probabilities.length > 0),
    EMBEDDINGS: asset.embedding !== undefined,
    VIEWS: (asset.views?.length ?? 0) > 0,
    HEAT_MAPS: (asset.heatMaps?.length ?? 0) > 0,
  }
  return strategies[name].needs.filter((need) => !isThere[need])
}
