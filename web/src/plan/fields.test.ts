import { expect, test } from 'vitest'
import { byPeople } from '../iteration/labeller.ts'
import { changesOf, isComplete, settingsIn, type PlanFields } from './fields.ts'

const fields: PlanFields = {
  name: 'by entropy',
  choice: { strategy: 'ENTROPY', strategies: [], minShare: [] },
  topK: 20,
  who: byPeople,
  rule: { targetMap: '', roundsWithoutGain: '', maxRounds: 3, maxImages: '' },
  gates: ['LABEL'],
}

test('of what stays the same nothing is said', () => {
  expect(changesOf(fields, { ...fields, name: ' by entropy ', gates: ['LABEL'] })).toEqual({})
})

test('a rule is changed as a whole, a setting by itself', () => {
  const rule = { ...fields.rule, maxRounds: '', maxImages: 100 }
  expect(changesOf(fields, { ...fields, rule, topK: '30', gates: [] })).toEqual({
    stopRule: { maxImages: 100 },
    topK: 30,
    gates: [],
  })
})

test('a hybrid that is given up is said, too', () => {
  const strategies = [
    { strategy: 'ENTROPY', weight: 1 },
    { strategy: 'MARGIN', weight: 2 },
  ] as const
  const hybrid = { ...fields, choice: { ...fields.choice, strategies } }
  expect(changesOf(fields, hybrid)).toEqual({ strategies })
  expect(changesOf(hybrid, fields)).toEqual({ strategies: [] })
})

test('who gives a class a share has the model draw first, and people are told as nobody', () => {
  const minShare = [{ label: 'rare', share: 0.3 }]
  expect(changesOf(fields, { ...fields, choice: { ...fields.choice, minShare } })).toEqual({
    minShare,
    annotate: true,
  })
  expect(settingsIn(fields)).toMatchObject({ automaticLabellerId: null })
})

test('another labeller takes the place of the one before', () => {
  const [automatic, vendors] = [
    { ...fields, who: 'automatic:a' },
    { ...fields, who: 'vendors:v,w' },
  ]
  expect(changesOf(automatic, vendors)).toEqual({ vendorIds: ['v', 'w'] })
  expect(changesOf(vendors, fields)).toEqual({ automaticLabellerId: null })
})

test('shares above all that there is make no plan', () => {
  const minShare = [
    { label: 'one', share: 0.6 },
    { label: 'other', share: 0.5 },
  ]
  expect(isComplete(fields)).toBe(true)
  expect(isComplete({ ...fields, choice: { ...fields.choice, minShare } })).toBe(false)
  expect(isComplete({ ...fields, topK: '' })).toBe(false)
})
