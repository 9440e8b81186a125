import { buildSchema, getOperationAST, GraphQLError, parse } from 'graphql'
import { expect, test } from 'vitest'
import { limitCost } from './limits.ts'

const schema = buildSchema(`
  type Query { assets(first: Int = 20): AssetConnection! }
  type AssetConnection { edges: [AssetEdge!]! }
  type AssetEdge { node: Asset! }
  type Asset { id: ID!, alike(first: Int = 20): AssetConnection! }
`)

function refusalOf(query: string, variables: Record<string, unknown> = {}): unknown {
  const document = parse(query)
  try {
    limitCost(schema, document, getOperationAST(document)!, variables)
    return undefined
  } catch (error) {
    return error instanceof GraphQLError && error.extensions.code
  }
}

const nested = (head: string, first: string) =>
  `query${head} { assets(first: ${first}) { edges { node { alike(first: ${first}) { edges { node { id } } } } } } }`

test('how many are asked for counts, however it is said', () => {
  expect(refusalOf(nested('', '20'))).toBeUndefined()
  expect(refusalOf(nested('', '500'))).toBe('QUERY_TOO_COSTLY')
  expect(refusalOf(nested('($n: Int)', '$n'), { n: 500 })).toBe('QUERY_TOO_COSTLY')
  expect(refusalOf(nested('($n: Int = 500)', '$n'))).toBe('QUERY_TOO_COSTLY')
  expect(refusalOf(nested('($n: Int = 500)', '$n'), { n: 2 })).toBeUndefined()
})

test('a variable that is no number is left for the check of variables to refuse', () => {
  expect(refusalOf(nested('($n: Int)', '$n'), { n: 'many' })).toBeUndefined()
})
