import { expect, test } from 'vitest'
import { scoringStrategies } from './strategies.ts'
import {
  isWithinBudget,
  strategyChoiceIn,
  termsAtMost,
  withAnotherStrategy,
  withTerms,
  type StrategyChoice,
} from './strategy-choice.ts'

const byEntropy: StrategyChoice = { strategy: 'ENTROPY', strategies: [], minShare: [] }

test('settings without anything are those of a first round, and what is no strategy or share is left out', () => {
  expect(strategyChoiceIn({})).toEqual(byEntropy)
  const odd = {
    strategy: 'GUESS',
    strategies: [{ strategy: 'GUESS', weight: 1 }, 3],
    minShare: [{ label: 'a' }],
  }
  expect(strategyChoiceIn(odd)).toEqual(byEntropy)
})

test('settings are read as they are written', () => {
  const choice = {
    strategy: 'MARGIN',
    strategies: [
      { strategy: 'MARGIN', weight: 2 },
      { strategy: 'CLASS_BALANCE', weight: 0.5 },
    ],
    minShare: [{ label: 'rare', share: 0.2 }],
  }
  expect(strategyChoiceIn({ ...choice, topK: 20 })).toEqual(choice)
})

test('a hybrid begins with the strategy that was chosen, and never has one twice', () => {
  const two = withAnotherStrategy({ ...byEntropy, strategy: 'MARGIN' })
  expect(two.strategies).toEqual([
    { strategy: 'MARGIN', weight: 1 },
    { strategy: 'CLASS_BALANCE', weight: 1 },
  ])
  const all = Array.from({ length: 9 }).reduce<StrategyChoice>((choice) => withAnotherStrategy(choice), two)
  expect(all.strategies).toHaveLength(termsAtMost)
  expect(new Set(all.strategies.map(({ strategy }) => strategy)).size).toBe(termsAtMost)
})

test('a strategy that picks a whole batch is no part of the hybrid that takes its place', () => {
  const { strategy, strategies } = withAnotherStrategy({ ...byEntropy, strategy: 'BADGE' })
  expect(strategies.map((term) => term.strategy)).toEqual(scoringStrategies.slice(0, 2))
  expect(strategy).toBe(scoringStrategies[0])
})

test('of a hybrid whose parts are taken away its last one stays as the strategy', () => {
  expect(withTerms(withAnotherStrategy(byEntropy), [{ strategy: 'MARGIN', weight: 3 }])).toEqual({
    ...byEntropy,
    strategy: 'MARGIN',
  })
})

test('shares ask for all that there is, and no more', () => {
  const tenths = Array.from({ length: 10 }, (_, index) => ({ label: String(index), share: 0.1 }))
  expect(isWithinBudget(tenths)).toBe(true)
  expect(isWithinBudget([...tenths, { label: 'more', share: 0.01 }])).toBe(false)
})
