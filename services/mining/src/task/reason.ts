import type { AssetDetails } from '../strategy/asset-details.ts'
import { factsOf, type Knowledge, type StrategyName } from '../strategy/strategies.ts'
import type { Chosen } from './batch.ts'

/** Why an asset was mined, in figures and the model's classes. */
export interface Reason {
  /** Of a hybrid: the one that decided. */
  readonly strategy: StrategyName
  /** Place of its score among the pool. */
  readonly scoreRank: number
  readonly label?: string
  readonly probability?: number
  readonly secondLabel?: string
  readonly secondProbability?: number
  readonly nearestDistance?: number
  readonly cluster?: number
  readonly clusterSize?: number
  readonly labelledBoxes?: number
  /** The class whose minimum share it fills. */
  readonly forShareOf?: string
}

/** @param asset undefined where the image told nothing of it */
export function reasonOf(
  { strategy, scoreRank, facts: ofPick, forShareOf }: Chosen,
  asset: AssetDetails | undefined,
  knowledge: Knowledge,
  classes: readonly string[],
): Reason {
  const { classIndex, secondClassIndex, ...facts } = {
    ...ofPick,
    ...(asset && factsOf(strategy, asset, knowledge)),
  }
  return {
    strategy,
    scoreRank,
    ...facts,
    ...(classIndex !== undefined && { label: classes[classIndex] }),
    ...(secondClassIndex !== undefined && { secondLabel: classes[secondClassIndex] }),
    ...(forShareOf !== undefined && { forShareOf }),
  }
}
