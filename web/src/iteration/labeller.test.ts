import { expect, test } from 'vitest'
import { byPeople, inTurn, labellersOf, settingOf, whoIn } from './labeller.ts'

const labellers = labellersOf([{ id: 'a', name: 'answers' }], [{ id: 'v', name: 'Boxes' }, { id: 'w', name: 'Frames' }]) // prettier-ignore

test('what a field says becomes a setting and comes back', () => {
  for (const setting of [
    { automaticLabellerId: null },
    { automaticLabellerId: 'a' },
    { vendorIds: ['v', 'w'] },
  ])
    expect(settingOf(whoIn(setting))).toEqual(setting)
  expect(whoIn({ automaticLabellerId: null, vendorIds: [] })).toBe(byPeople)
  expect(whoIn({})).toBe(byPeople)
})

test('vendors in turn are offered beside those that can be chosen', () => {
  expect(labellers.map(({ who }) => who)).toEqual(['automatic:a', 'vendors:v', 'vendors:w'])
  expect(inTurn('vendors:v', labellers)).toBeUndefined()
  expect(inTurn(byPeople, labellers)).toBeUndefined()
  expect(inTurn('vendors:v,w', labellers)).toEqual({
    ...{ who: 'vendors:v,w', name: 'Boxes, Frames', isVendor: true },
  })
})
