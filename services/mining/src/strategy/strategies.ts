import { seededRandom } from '@ymir/detection'
import { type AssetDetails, type DetectionDetails, inOrder, likeliestClass } from './asset-details.ts'
import { localDivergence } from './aldd.ts'
import { badge } from './badge.ts'
import { boxBalance, classBalance } from './balance.ts'
import { cald, caldOfImages } from './cald.ts'
import { coreSetPicks } from './core-set.ts'
import { probabilityVariance, viewDisagreement } from './disagreement.ts'
import type { PickFacts } from './facts.ts'
import { boxUncertainty, ppal } from './ppal.ts'
import { randomScore } from './random.ts'
import { type Embedded, typiClustPicks } from './typiclust.ts'
import {
  binaryEntropy,
  entropy,
  imageUncertainty,
  leastConfidence,
  margin,
  type ImageRule,
  type ScoreAggregate,
} from './uncertainty.ts'
import { vectorsOf } from './vectors.ts'

/** What the image must tell of an asset. */
export type Need = 'PROBABILITIES' | 'EMBEDDINGS' | 'VIEWS' | 'HEAT_MAPS'

/** What the graph must tell of the model and the set that it was trained on. */
export type Question = 'LABELLED_COUNTS' | 'AVERAGE_PRECISIONS'

/** What a strategy goes by beside the assets. */
export interface Knowledge {
  readonly seed: number
  /** How the scores of boxes become the image's. */
  readonly imageRule: ImageRule
  /** Boxes of each class in the training set. */
  readonly labelledPerClass: readonly number[]
  /** 1 - average precision of each class, 0..1. */
  readonly difficulties: readonly number[]
  /** Assets that are not to be taken, as far as the job looked at them too: what is labelled already. */
  readonly labelled: readonly Embedded[]
}

export interface Picked {
  readonly assetId: string
  readonly facts?: PickFacts
}

interface Usable {
  readonly needs: readonly Need[]
  readonly asks?: readonly Question[]
  /** Who scores when the strategy is used alone (`isScoredByImage`); in a hybrid it is always the platform. */
  readonly by: 'IMAGE' | 'PLATFORM'
  /** What a box counts: the one that counts most is shown as the reason. */
  readonly worthOfBox?: (box: DetectionDetails, knowledge: Knowledge) => number
}

/** Scores one asset after the other. */
export interface ScoringStrategy extends Usable {
  readonly order: 'HIGHEST_FIRST'
  readonly score: (asset: AssetDetails, knowledge: Knowledge) => number
}

/** Chooses a whole batch: no score for a single asset. */
export interface PickingStrategy extends Usable {
  readonly order: 'PICKS'
  readonly pick: (assets: readonly AssetDetails[], count: number, knowledge: Knowledge) => readonly Picked[]
}

export type Strategy = ScoringStrategy | PickingStrategy

/** The uncertainty of the boxes' classes, aggregated. */
function uncertaintyBy(measure: (probabilities: readonly number[]) => number) {
  return {
    order: 'HIGHEST_FIRST',
    score: (asset: AssetDetails, { imageRule }: Knowledge) => imageUncertainty(asset, measure, imageRule),
    worthOfBox: ({ probabilities }: DetectionDetails) => measure(probabilities),
  } as const
}

const idsOnly = (ids: readonly string[]): Picked[] => ids.map((assetId) => ({ assetId }))

/** How images can be chosen: all else that lists strategies follows from this. */
const table = {
  RANDOM: {
    ...{ needs: [], by: 'PLATFORM', order: 'HIGHEST_FIRST' },
    score: ({ assetId }, { seed }) => randomScore(assetId, seed),
  },
  ENTROPY: { needs: ['PROBABILITIES'], by: 'IMAGE', ...uncertaintyBy(entropy) },
  LEAST_CONFIDENCE: { needs: ['PROBABILITIES'], by: 'IMAGE', ...uncertaintyBy(leastConfidence) },
  MARGIN: { needs: ['PROBABILITIES'], by: 'IMAGE', ...uncertaintyBy(margin) },
  BINARY_ENTROPY: { needs: ['PROBABILITIES'], by: 'PLATFORM', ...uncertaintyBy(binaryEntropy) },
  VIEW_DISAGREEMENT: {
    ...{ needs: ['PROBABILITIES', 'VIEWS'], by: 'PLATFORM', order: 'HIGHEST_FIRST' },
    score: viewDisagreement,
  },
  PROBABILITY_VARIANCE: {
    ...{ needs: ['PROBABILITIES', 'VIEWS'], by: 'PLATFORM', order: 'HIGHEST_FIRST' },
    score: probabilityVariance,
  },
  CALD: {
    ...{ needs: ['PROBABILITIES', 'VIEWS'], asks: ['LABELLED_COUNTS'], by: 'PLATFORM', order: 'PICKS' },
    pick: (assets, count, { labelledPerClass }) => idsOnly(cald(assets, count, labelledPerClass)),
  },
  CALD_OF_IMAGES: {
    ...{ needs: ['PROBABILITIES', 'VIEWS'], by: 'PLATFORM', order: 'HIGHEST_FIRST' },
    score: (asset) => caldOfImages(asset),
  },
  LOCAL_DIVERGENCE: {
    ...{ needs: ['HEAT_MAPS'], by: 'PLATFORM', order: 'HIGHEST_FIRST' },
    score: ({ heatMaps = [] }) => localDivergence(heatMaps),
  },
  CORE_SET: {
    ...{ needs: ['EMBEDDINGS'], by: 'PLATFORM', order: 'PICKS' },
    pick: (assets, count, { labelled }) => {
      const ordered = inOrder(assets)
      return coreSetPicks(vectorsOf(ordered.map(embeddingOf)), count, centres(labelled)).map(
        ({ row, distance }) => ({ assetId: ordered[row]!.assetId, facts: { nearestDistance: distance } }),
      )
    },
  },
  BADGE: {
    ...{ needs: ['PROBABILITIES', 'EMBEDDINGS'], by: 'PLATFORM', order: 'PICKS' },
    pick: (assets, count, { seed }) => idsOnly(badge(assets, count, seededRandom(seed))),
    worthOfBox: ({ probabilities }) => leastConfidence(probabilities),
  },
  TYPICLUST: {
    ...{ needs: ['EMBEDDINGS'], by: 'PLATFORM', order: 'PICKS' },
    pick: (assets, count, { seed, labelled }) =>
      typiClustPicks(assets.map(embedded), count, seed, labelled).map(
        ({ assetId, cluster, clusterSize }) => ({ assetId, facts: { cluster, clusterSize } }),
      ),
  },
  PPAL: {
    ...{ needs: ['PROBABILITIES', 'EMBEDDINGS'], asks: ['AVERAGE_PRECISIONS'], by: 'PLATFORM' },
    order: 'PICKS',
    pick: (assets, count, { difficulties }) => idsOnly(ppal(assets, count, difficulties)),
    worthOfBox: (box, { difficulties }) => boxUncertainty(box, difficulties),
  },
  CLASS_BALANCE: {
    ...{ needs: ['PROBABILITIES'], asks: ['LABELLED_COUNTS'], by: 'PLATFORM', order: 'HIGHEST_FIRST' },
    score: (asset, { labelledPerClass }) => classBalance(asset, labelledPerClass),
    worthOfBox: (box, { labelledPerClass }) => boxBalance(box, labelledPerClass),
  },
} satisfies Record<string, Strategy>

export type StrategyName = keyof typeof table
export const strategies: Readonly<Record<StrategyName, Strategy>> = table
export const strategyNames = Object.keys(table) as StrategyName[] // exactly its keys

/** Images know no mean of the highest: then it is the platform that scores. */
export function isScoredByImage({ by }: Pick<Strategy, 'by'>, aggregate: ScoreAggregate): boolean {
  return by === 'IMAGE' && aggregate !== 'TOP_MEAN'
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

/** What led to an asset's score: the box that counted most, in classes and probabilities. */
export function factsOf(name: StrategyName, asset: AssetDetails, knowledge: Knowledge): PickFacts {
  const { worthOfBox } = strategies[name]
  const [first, ...others] = asset.detections
  if (!worthOfBox || !first) return {}
  const worth = (box: DetectionDetails) => worthOfBox(box, knowledge)
  const box = others.reduce((best, one) => (worth(one) > worth(best) ? one : best), first)
  const label = likeliestClass(box.probabilities)
  const second = likeliestClass(box.probabilities.map((p, index) => (index === label ? -1 : p)))
  return {
    classIndex: label,
    probability: box.probabilities[label],
    ...(name === 'MARGIN' &&
      second !== label && { secondClassIndex: second, secondProbability: box.probabilities[second] }),
    ...(name === 'CLASS_BALANCE' && { labelledBoxes: knowledge.labelledPerClass[label] ?? 0 }),
  }
}

function centres(labelled: readonly Embedded[]) {
  return labelled.length > 0 ? vectorsOf(inOrder(labelled).map(({ embedding }) => embedding)) : undefined
}

function embedded(asset: AssetDetails): Embedded {
  return { assetId: asset.assetId, embedding: embeddingOf(asset) }
}

/** @throws RangeError for an asset without */
function embeddingOf({ assetId, embedding }: AssetDetails): Float32Array {
  if (!embedding) throw new RangeError(`asset ${assetId} has no embedding: choose another strategy`)
  return embedding
}
