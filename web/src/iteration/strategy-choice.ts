import { objectOf } from '../graph/json.ts'
import type { MiningStrategy } from '../graph/schema.generated.ts'
import { scoringStrategies, strategies as known } from './strategies.ts'

/** A strategy in a hybrid, and the power with which it counts. */
export interface Term {
  readonly strategy: MiningStrategy
  /** 0.01 to 100. */
  readonly weight: number
}

/** The least share of the budget that goes to a class. */
export interface Share {
  readonly label: string
  /** 0 to 1. */
  readonly share: number
}

/** How a round chooses its images. */
export interface StrategyChoice {
  readonly strategy: MiningStrategy
  /** A hybrid, in place of `strategy`; empty: none. */
  readonly strategies: readonly Term[]
  readonly minShare: readonly Share[]
}

export const termsAtMost = 5

/** What settings of the graph say of it; what they leave out is as in a first round. */
export function strategyChoiceIn(settings: Readonly<Record<string, unknown>>): StrategyChoice {
  return {
    strategy: known.find((one) => one === settings.strategy) ?? 'ENTROPY',
    strategies: listOf(settings.strategies).flatMap(({ strategy, weight }): Term[] => {
      const name = known.find((one) => one === strategy)
      return name ? [{ strategy: name, weight: typeof weight === 'number' ? weight : 1 }] : []
    }),
    minShare: listOf(settings.minShare).flatMap(({ label, share }): Share[] =>
      typeof label === 'string' && typeof share === 'number' ? [{ label, share }] : [],
    ),
  }
}

/** As the graph takes it. */
export function settingsOfChoice({ strategy, strategies, minShare }: StrategyChoice) {
  return { strategy, strategies: [...strategies], minShare: [...minShare] }
}

/** Makes a hybrid of the strategy, or of a hybrid a larger one; the same where none is left to add. */
export function withAnotherStrategy({ strategy, strategies, ...rest }: StrategyChoice): StrategyChoice {
  const terms =
    strategies.length > 0 ? strategies : scoring(strategy).map((one) => ({ strategy: one, weight: 1 }))
  const next = scoringStrategies.filter((one) => terms.every((term) => term.strategy !== one))
  const added = next.slice(0, terms.length === 0 ? 2 : 1).map((one) => ({ strategy: one, weight: 1 }))
  return withTerms({ strategy, strategies, ...rest }, [...terms, ...added].slice(0, termsAtMost))
}

/** Other parts of a hybrid; of one alone only its strategy is left. */
export function withTerms(choice: StrategyChoice, terms: readonly Term[]): StrategyChoice {
  const strategy = terms[0]?.strategy ?? choice.strategy
  return { ...choice, strategy, strategies: terms.length > 1 ? terms : [] }
}

/** Whether shares ask for no more than there is. */
export function isWithinBudget(shares: readonly Share[]): boolean {
  // as the service allows for the rounding of a sum (services/mining/src/strategy/budget.ts)
  return shares.reduce((sum, { share }) => sum + share, 0) <= 1 + 1e-9
}

function scoring(strategy: MiningStrategy): MiningStrategy[] {
  return scoringStrategies.filter((one) => one === strategy)
}

function listOf(json: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(json) ? json.map(objectOf) : []
}
