import type { AssetDetails } from '../strategy/asset-details.ts'
import { chooseHighest, type ScoredAsset } from '../strategy/choose.ts'
import type { PickFacts } from '../strategy/facts.ts'
import { weightedProduct } from '../strategy/hybrid.ts'
import {
  isScoredByImage,
  type Knowledge,
  missingFor,
  type PickingStrategy,
  type ScoringStrategy,
  type StrategyName,
  strategies,
} from '../strategy/strategies.ts'
import { CannotChoose, tooLittle } from './cannot-choose.ts'
import { detailsOf, type ToldAsset } from './told-asset.ts'

/** A strategy, and the power with which it counts in a hybrid. */
export interface WeightedStrategy {
  readonly strategy: StrategyName
  readonly weight: number
}

/** An asset where a strategy puts it. */
export interface Ranked {
  readonly assetId: string
  readonly score: number
  /** Place by score, from 1; with strategies that pick, place of the pick. */
  readonly scoreRank: number
  /** Of a hybrid: the one that decided. */
  readonly strategy: StrategyName
  readonly facts?: PickFacts
}

/** The order in which a strategy would take the assets of a pool. */
export interface Ranking {
  /** PICKS: more picks may be other picks, and what is left out changes them. */
  readonly order: 'HIGHEST_FIRST' | 'PICKS'
  /** The first ones, fewer when there are not so many, without those left out. */
  first(count: number, leftOut: ReadonlySet<string>): Promise<Ranked[]>
}

type Lines<Line> = () => AsyncIterable<Line> | Iterable<Line>

/** What the jobs left; each can be read again and again. */
export interface Pool {
  readonly scores: Lines<ScoredAsset>
  /** Undefined where the image wrote none. */
  readonly details: Lines<ToldAsset> | undefined
  readonly isExcluded: (assetId: string) => boolean
}

/** Embeddings of so many take half a gibibyte. */
export const mostCompared = 200_000

/**
 * @param terms one, or several that are multiplied
 * @throws CannotChoose when the image tells too little; `first` may throw it as well
 */
export function rankingBy(terms: readonly WeightedStrategy[], pool: Pool, knowledge: Knowledge): Ranking {
  const [{ strategy: name } = { strategy: 'RANDOM' as const }] = terms
  if (terms.length > 1) return hybridRanking(terms, pool, knowledge)
  const strategy = strategies[name]
  if (strategy.order === 'PICKS') return pickedRanking(name, strategy, pool, knowledge)
  return scoredRanking(name, scoresBy(name, strategy, pool, knowledge))
}

/** Any number of assets: no more than asked for are held. */
function scoredRanking(name: StrategyName, scores: Lines<ScoredAsset>): Ranking {
  let held: ScoredAsset[] = []
  let isAll = false
  return {
    order: 'HIGHEST_FIRST',
    async first(count, leftOut) {
      const wanted = count + leftOut.size
      if (held.length < wanted && !isAll) {
        const reach = Math.min(2 * wanted, mostCompared)
        held = await chooseHighest(scores(), reach, () => false)
        isAll = held.length < reach || reach === mostCompared
      }
      return firstOf(
        held.map((one, index) => ({ ...one, scoreRank: index + 1, strategy: name })),
        count,
        leftOut,
      )
    },
  }
}

function scoresBy(
  name: StrategyName,
  strategy: ScoringStrategy,
  { scores, details, isExcluded }: Pool,
  knowledge: Knowledge,
): Lines<ScoredAsset> {
  const { needs, score } = strategy
  const isGiven = isScoredByImage(strategy, knowledge.imageRule.aggregation.by)
  if (!isGiven && needs.length > 0) {
    const told = usableFor([name], details, isExcluded)
    return async function* () {
      for await (const asset of told()) yield { assetId: asset.assetId, score: score(asset, knowledge) }
    }
  }
  const bare = { probabilityKind: 'SOFTMAX', detections: [] } as const
  return async function* () {
    for await (const { assetId, score: given } of scores()) {
      if (isExcluded(assetId)) continue
      yield { assetId, score: isGiven ? given : score({ assetId, ...bare }, knowledge) }
    }
  }
}

/** Compares the assets with each other: all of them in memory. The score is 1 for the first, falling to 0. */
function pickedRanking(
  name: StrategyName,
  { pick }: PickingStrategy,
  { details, isExcluded }: Pool,
  knowledge: Knowledge,
): Ranking {
  const told = usableFor([name], details, isExcluded)
  let compared: AssetDetails[] | undefined
  return {
    order: 'PICKS',
    async first(count, leftOut) {
      compared ??= await allOf(told(), name)
      const left = compared.filter(({ assetId }) => !leftOut.has(assetId))
      const picked = pick(left, count, knowledge)
      return picked.map((one, index) => ({
        ...one,
        ...{ score: 1 - index / picked.length, scoreRank: index + 1, strategy: name },
      }))
    },
  }
}

/** Ranks all assets by each term: all of their scores in memory. */
function hybridRanking(
  terms: readonly WeightedStrategy[],
  { details, isExcluded }: Pool,
  knowledge: Knowledge,
): Ranking {
  const told = usableFor(
    terms.map(({ strategy }) => strategy),
    details,
    isExcluded,
  )
  let ranked: Promise<Ranked[]> | undefined
  return {
    order: 'HIGHEST_FIRST',
    async first(count, leftOut) {
      ranked ??= rankByProduct(terms, told(), knowledge)
      return firstOf(await ranked, count, leftOut)
    },
  }
}

async function rankByProduct(
  terms: readonly WeightedStrategy[],
  assets: AsyncIterable<AssetDetails>,
  knowledge: Knowledge,
): Promise<Ranked[]> {
  const columns = terms.map(({ strategy: name, weight }) => {
    const strategy = strategies[name]
    if (strategy.order === 'PICKS') throw new CannotChoose(`${name} ${cannotBeMultiplied}`)
    return { name, weight, order: strategy.order, score: strategy.score, scores: [] as number[] }
  })
  const assetIds: string[] = []
  for await (const asset of assets) {
    if (assetIds.push(asset.assetId) > mostCompared) throw tooMany('a hybrid of strategies')
    for (const { score, scores } of columns) scores.push(score(asset, knowledge))
  }
  const products = weightedProduct(columns).map((one, index) => ({ ...one, assetId: assetIds[index]! }))
  return products
    .sort((a, b) => b.score - a.score || (a.assetId < b.assetId ? -1 : 1))
    .map(({ assetId, score, decidedBy }, index) => ({
      ...{ assetId, score, scoreRank: index + 1, strategy: decidedBy },
    }))
}

/** Ends the words about a strategy in a hybrid. */
export const cannotBeMultiplied =
  'chooses a whole batch and scores no single image: it cannot be a part of a hybrid'

function firstOf(ranked: readonly Ranked[], count: number, leftOut: ReadonlySet<string>): Ranked[] {
  return ranked.filter(({ assetId }) => !leftOut.has(assetId)).slice(0, count)
}

/** @throws CannotChoose when there are no details, or while reading when one lacks what a strategy needs */
function usableFor(
  names: readonly StrategyName[],
  details: Pool['details'],
  isExcluded: Pool['isExcluded'],
): () => AsyncGenerator<AssetDetails> {
  if (!details) throw tooLittle(names[0]!, 'no')
  return async function* () {
    for await (const one of details()) {
      if (isExcluded(one.assetId)) continue
      const asset = detailsOf(one)
      for (const name of names) {
        const missing = missingFor(name, asset)
        if (missing.length) throw tooLittle(name, `of image ${asset.assetId} no`, missing)
      }
      yield asset
    }
  }
}

async function allOf(assets: AsyncIterable<AssetDetails>, name: StrategyName): Promise<AssetDetails[]> {
  const all: AssetDetails[] = []
  for await (const asset of assets) if (all.push(asset) > mostCompared) throw tooMany(name)
  return all
}

function tooMany(who: string): CannotChoose {
  return new CannotChoose(
    `${who} compares all images with each other, ${mostCompared} at most: sample the version, or choose another strategy`,
  )
}
