import { expect, test } from 'vitest'
import { isRule, ruleOf } from './rule.ts'

const empty = { targetMap: '', roundsWithoutGain: '', maxRounds: '', maxImages: '' }

test('a target is told in percent, and what is empty does not count', () => {
  expect(ruleOf({ ...empty, targetMap: 90, maxRounds: 3 })).toEqual({ targetMap50: 0.9, maxRounds: 3 })
})

test('fields that are all empty are no rule, a target of 0 is one', () => {
  expect(isRule(empty)).toBe(false)
  expect(isRule({ ...empty, targetMap: 0 })).toBe(true)
})
