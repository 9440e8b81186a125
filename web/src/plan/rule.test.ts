import { expect, test } from 'vitest'
import { fieldsOfRule, isRule, ruleOf } from './rule.ts'

const empty = { targetMap: '', roundsWithoutGain: '', maxRounds: '', maxImages: '' }

test('a target is told in percent, and what is empty does not count', () => {
  expect(ruleOf({ ...empty, targetMap: 90, maxRounds: 3 })).toEqual({ targetMap50: 0.9, maxRounds: 3 })
})

test('fields that are all empty are no rule, a target of 0 is one', () => {
  expect(isRule(empty)).toBe(false)
  expect(isRule({ ...empty, targetMap: 0 })).toBe(true)
})

test('a rule stands in the fields as it was given', () => {
  const rule = { targetMap50: 0.29, roundsWithoutGain: null, maxRounds: 3, maxImages: null }
  const fields = fieldsOfRule(rule)
  expect(fields).toEqual({ ...empty, targetMap: 29, maxRounds: 3 })
  expect(ruleOf(fields)).toEqual({ targetMap50: 0.29, maxRounds: 3 })
})
