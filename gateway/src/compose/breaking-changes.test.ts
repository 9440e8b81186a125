import { expect, test } from 'vitest'
import { breakingChanges } from './breaking-changes.ts'

const schema = (input: string, fields = 'id: ID!, name: String') =>
  `type Query { thing(input: ThingInput!): Thing }
   type Thing { ${fields} }
   input ThingInput { ${input} }`

test('what clients need not know breaks none of them', () => {
  const before = schema('name: String!')
  expect(breakingChanges(before, schema('name: String!, count: Int! = 3, note: String'))).toEqual([])
  expect(breakingChanges(before, schema('name: String!', 'id: ID!, name: String, size: Int'))).toEqual([])
})

test('what a client sends or asks for must stay', () => {
  const before = schema('name: String!')
  expect(breakingChanges(before, schema('name: String!, count: Int!'))).toEqual([
    expect.stringContaining('field count on input type ThingInput'),
  ])
  expect(breakingChanges(before, schema('name: String!', 'id: ID!'))).toEqual([
    expect.stringContaining('Thing.name'),
  ])
})
