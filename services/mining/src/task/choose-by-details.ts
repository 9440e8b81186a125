import type { BoxXywh } from '@ymir/detection'
import { type AssetDetails, inOrder } from '../strategy/asset-details.ts'
import { badge } from '../strategy/badge.ts'
import { caldOfImages } from '../strategy/cald.ts'
import { chooseHighest, type ScoredAsset } from '../strategy/choose.ts'
import { coreSet } from '../strategy/core-set.ts'
import { probabilityVariance, viewDisagreement } from '../strategy/disagreement.ts'
import { missingFor, type Need, strategies } from '../strategy/strategies.ts'
import { typiClust } from '../strategy/typiclust.ts'
import { binaryEntropy, imageUncertainty } from '../strategy/uncertainty.ts'
import { vectorsOf } from '../strategy/vectors.ts'
import type { ScoreAggregate } from './mining-task.ts'

/** A line of what an image told of an asset beside its score, as the executor keeps it. */
export interface ToldAsset {
  readonly assetId: string
  readonly head: 'SOFTMAX' | 'SIGMOID'
  readonly boxes: readonly ToldBox[]
  readonly views: readonly { readonly name: string; readonly boxes: readonly ToldBox[] }[]
  readonly embedding?: readonly number[]
}

interface ToldBox {
  readonly box: BoxXywh
  readonly probabilities: readonly number[]
}

export interface Wanted {
  readonly topK: number
  readonly seed: number
  readonly aggregate: ScoreAggregate
  readonly isExcluded: (assetId: string) => boolean
}

/** The image told too little for the strategy, or there is too much to choose from. */
export class CannotChoose extends Error {}

/** Score one asset after the other: any number of them. */
const scores = {
  BINARY_ENTROPY: (asset, aggregate) =>
    imageUncertainty(asset, binaryEntropy, { aggregation: { by: aggregate }, withoutDetections: 0 }),
  VIEW_DISAGREEMENT: viewDisagreement,
  PROBABILITY_VARIANCE: probabilityVariance,
  CALD_OF_IMAGES: (asset) => caldOfImages(asset),
} satisfies Record<string, (asset: AssetDetails, aggregate: ScoreAggregate) => number>

/** Compare the assets with each other: all of them in memory. Each gives asset ids, the first one first. */
const picks = {
  CORE_SET: (assets, count) => {
    const ordered = inOrder(assets)
    return coreSet(vectorsOf(ordered.map(embeddingOf)), count).map((row) => ordered[row]!.assetId)
  },
  BADGE: badge,
  TYPICLUST: (assets, count, seed) =>
    typiClust(
      assets.map((asset) => ({ assetId: asset.assetId, embedding: embeddingOf(asset) })),
      count,
      seed,
    ),
} satisfies Record<string, (assets: readonly AssetDetails[], count: number, seed: number) => string[]>

/** What the platform itself chooses by; whatever else there is, images know by their own scores. */
export type StrategyByDetails = keyof typeof scores | keyof typeof picks

export function isByDetails(strategy: string): strategy is StrategyByDetails {
  return strategy in scores || strategy in picks
}

/** Embeddings of so many take half a gibibyte. */
const mostCompared = 200_000

/**
 * The assets that a strategy takes of those that an image told of, without the excluded ones.
 * @returns best first; where assets are compared with each other the score is 1 for the first, falling to 0
 * @throws CannotChoose
 */
export async function chooseByDetails(
  strategy: StrategyByDetails,
  told: AsyncIterable<ToldAsset> | Iterable<ToldAsset>,
  { topK, seed, aggregate, isExcluded }: Wanted,
): Promise<ScoredAsset[]> {
  const usable = usableFor(strategy, told, isExcluded)
  if (strategy in scores) {
    const score = scores[strategy as keyof typeof scores] // it is one of them
    return chooseHighest(
      scored(usable, (asset) => score(asset, aggregate)),
      topK,
      isExcluded,
    )
  }
  const compared: AssetDetails[] = []
  for await (const asset of usable) {
    if (compared.push(asset) > mostCompared)
      throw new CannotChoose(
        `${strategy} compares all images with each other, ${mostCompared} at most: sample the version, or choose another strategy`,
      )
  }
  const picked = picks[strategy as keyof typeof picks](compared, topK, seed) // it is no score
  return picked.map((assetId, index) => ({ assetId, score: 1 - index / picked.length }))
}

async function* scored(assets: AsyncIterable<AssetDetails>, score: (asset: AssetDetails) => number) {
  for await (const asset of assets) yield { assetId: asset.assetId, score: score(asset) }
}

async function* usableFor(
  strategy: StrategyByDetails,
  told: AsyncIterable<ToldAsset> | Iterable<ToldAsset>,
  isExcluded: (assetId: string) => boolean,
): AsyncGenerator<AssetDetails> {
  for await (const one of told) {
    if (isExcluded(one.assetId)) continue
    const asset = detailsOf(one)
    const missing = missingFor(strategy, asset)
    if (missing.length) throw tooLittle(strategy, `of image ${asset.assetId} no`, missing)
    yield asset
  }
}

const inWords: Record<Need, string> = {
  PROBABILITIES: 'class probabilities',
  EMBEDDINGS: 'embedding',
  VIEWS: 'views',
  HEAT_MAPS: 'heat maps',
}

/** @param what begins the words of what is missing */
export function tooLittle(
  strategy: StrategyByDetails,
  what: string,
  missing: readonly Need[] = strategies[strategy].needs,
): CannotChoose {
  return new CannotChoose(
    `the executor image tells ${what} ${missing.map((need) => inWords[need]).join(' and ')}, by which ${strategy} chooses: ` +
      `choose RANDOM, ENTROPY, LEAST_CONFIDENCE or MARGIN, which go by the image's scores, or an image that writes mining-details.jsonl`,
  )
}

function detailsOf({ assetId, head, boxes, views, embedding }: ToldAsset): AssetDetails {
  return {
    assetId,
    probabilityKind: head,
    detections: boxes,
    views: views.map(({ name, boxes: detections }) => ({ transform: name, detections })),
    ...(embedding && { embedding: Float32Array.from(embedding) }),
  }
}

function embeddingOf({ embedding }: AssetDetails): Float32Array {
  return embedding! // usableFor has looked
}
