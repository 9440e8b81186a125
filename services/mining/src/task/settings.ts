import { DomainError } from '@ymir/graphql'
import { checkShares } from '../strategy/budget.ts'
import { type DuplicateLimits, duplicateLimits } from '../strategy/duplicates.ts'
import { isScoredByImage, type Need, type StrategyName, strategies } from '../strategy/strategies.ts'
import { type ImageRule, usualTopCount } from '../strategy/uncertainty.ts'
import type { MiningSettings } from './mining-task.ts'
import { cannotBeMultiplied, type WeightedStrategy } from './ranking.ts'

/**
 * Refuses what could not be mined in the end, before a job runs.
 * @param classes of the model that mines
 * @throws DomainError BAD_USER_INPUT when the settings do not go together
 */
export function checkSettings(
  { strategies: terms, budgetBoxes, minShare = [], annotate }: MiningSettings,
  classes: readonly string[],
): void {
  const refuse = (field: string, problem: string) => {
    throw new DomainError('BAD_USER_INPUT', problem, { field })
  }
  const names = (terms ?? []).map(({ strategy }) => strategy)
  if (new Set(names).size < names.length) refuse('strategies', 'a strategy stands twice: give it one weight')
  const picks = names.length > 1 && names.find((name) => strategies[name].order === 'PICKS')
  if (picks) refuse('strategies', `${picks} ${cannotBeMultiplied}`)
  const unknown = minShare.find(({ label }) => !classes.includes(label))
  if (unknown)
    refuse(
      'minShare',
      `the model knows no class ${unknown.label}: it knows ${classes.slice(0, 20).join(', ')}`,
    )
  try {
    checkShares(minShare)
  } catch (error) {
    if (error instanceof RangeError) refuse('minShare', error.message)
    throw error
  }
  if (!annotate && (minShare.length > 0 || budgetBoxes))
    refuse('annotate', 'boxes and classes are counted in the pre-annotations: mine with annotate: true')
}

/** What the task chooses by: its hybrid, or its one strategy. */
export function termsOf({
  strategy,
  strategies: terms,
}: Pick<MiningSettings, 'strategy' | 'strategies'>): readonly WeightedStrategy[] {
  return terms?.length ? terms : [{ strategy, weight: 1 }]
}

/** How the scores of an image's boxes become its own. */
export function imageRuleOf({
  aggregate,
  aggregateCount = usualTopCount,
  scoreWithoutDetections = 0,
}: Pick<MiningSettings, 'aggregate' | 'aggregateCount' | 'scoreWithoutDetections'>): ImageRule {
  return {
    aggregation: aggregate === 'TOP_MEAN' ? { by: aggregate, count: aggregateCount } : { by: aggregate },
    withoutDetections: scoreWithoutDetections,
  }
}

/** What counts as the same; null: duplicates may be taken. */
export function duplicateLimitsOf({
  deduplicate = true,
  duplicateHashBits: hashBits = duplicateLimits.hashBits,
  duplicateEmbeddingDistance: cosineDistance = duplicateLimits.cosineDistance,
}: MiningSettings): DuplicateLimits | null {
  return deduplicate ? { hashBits, cosineDistance } : null
}

/** What images are asked to tell for a need; those that know it by another name leave it out. */
const asked: Readonly<Partial<Record<Need, Record<string, unknown>>>> = {
  VIEWS: { views: 'flip, brighter, darker' }, // copies that a model should see alike
  HEAT_MAPS: { heat_maps: true },
}

/** The hyper-parameters by which mining images know these settings. */
export function parametersOf(settings: MiningSettings): Record<string, unknown> {
  const { aggregate, seed, scoreWithoutDetections = 0 } = settings
  const names = termsOf(settings).map(({ strategy }) => strategy)
  const [name, ...others] = names
  if (name && others.length === 0 && isKnownToImages(name, settings))
    return {
      ...{ strategy: name.toLowerCase(), aggregation: aggregate.toLowerCase(), seed },
      ...(scoreWithoutDetections > 0 && { score_without_detections: scoreWithoutDetections }),
    }
  const needs = names.flatMap((one) => strategies[one].needs)
  return { seed, ...Object.assign({}, ...needs.map((need) => asked[need] ?? {})) }
}

function isKnownToImages(name: StrategyName, { aggregate }: MiningSettings): boolean {
  return isScoredByImage(strategies[name], aggregate) || strategies[name].needs.length === 0
}
