import {
  getOperationAST,
  GraphQLError,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql'
import { limits, limitShape } from '../graph/limits.ts'

const kept = 500
/** Characters; a longer document is read each time, so that what is kept is no burden. */
const longestKept = 20_000

/** Documents of subscriptions, parsed and checked once for each schema. */
export class Documents {
  private readonly known = new Map<string, DocumentNode | readonly GraphQLError[]>()

  constructor(readonly schema: GraphQLSchema) {}

  /** The document, or what is wrong with it, each error with its code. */
  read(query: string, operationName: string | undefined): DocumentNode | readonly GraphQLError[] {
    const key = `${operationName ?? ''}\n${query}`
    const known = this.known.get(key)
    if (known) return known
    const found = this.check(query, operationName)
    if (key.length > longestKept) return found
    for (const oldest of this.known.keys()) {
      if (this.known.size < kept) break
      this.known.delete(oldest)
    }
    this.known.set(key, found)
    return found
  }

  private check(query: string, operationName: string | undefined): DocumentNode | readonly GraphQLError[] {
    let document: DocumentNode
    try {
      document = parse(query, { maxTokens: limits.tokens })
    } catch (error) {
      return [coded(error as GraphQLError, 'GRAPHQL_PARSE_FAILED')] // parse throws nothing else
    }
    const problems = validate(this.schema, document, [...specifiedRules, limitShape])
    if (problems.length) return problems.map((problem) => coded(problem, 'GRAPHQL_VALIDATION_FAILED'))
    if (getOperationAST(document, operationName)?.operation === OperationTypeNode.SUBSCRIPTION)
      return document
    const message = 'this socket is for subscriptions: send queries and mutations with POST /graphql'
    return [new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } })]
  }
}

function coded(error: GraphQLError, code: string): GraphQLError {
  const { nodes, source, positions, extensions } = error
  const { limit = code } = extensions
  return new GraphQLError(error.message, { nodes, source, positions, extensions: { code: limit } })
}
