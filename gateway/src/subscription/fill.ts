import {
  GraphQLError,
  Kind,
  print,
  visit,
  type ASTNode,
  type FieldNode,
  type FormattedExecutionResult,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type SelectionSetNode,
} from 'graphql'
import type { SubscriptionContext } from './context.ts'

/** Fields of payloads that the graph completes, and the query that finds the entity by its id. */
export const filledFields = [
  { type: 'JobUpdate', field: 'job', query: 'job' },
  { type: 'ModelStageUpdate', field: 'stage', query: 'modelStage' },
  { type: 'ImportUpdate', field: 'import', query: 'import' },
  { type: 'ExecutorImageUpdate', field: 'executorImage', query: 'executorImage' },
  { type: 'LabellingTaskUpdate', field: 'task', query: 'labellingTask' },
] as const

interface Question {
  readonly text: string
  readonly variables: readonly string[]
}

const questions = new WeakMap<FieldNode, Question>()

/** Runs what the client selects of an entity as a query of the federated graph, with the subscriber's rights. */
export const fillFromGraph: GraphQLFieldResolver<unknown, SubscriptionContext> = async (
  source,
  _given,
  context,
  info,
) => {
  const { id, ...known } = (source as Record<string, { id: string }>)[info.fieldName] ?? { id: '' } // made by our sources
  if (selectsOnlyIds(info.fieldNodes)) return { id, ...known }
  const { query } =
    filledFields.find(({ type, field }) => type === info.parentType.name && field === info.fieldName) ?? {}
  const { text, variables } = questionFor(info, query ?? info.fieldName)
  const given = Object.fromEntries(variables.map((name) => [name, info.variableValues[name]]))
  const answer = await context.graph.execute(text, { ...given, ymirId: id }, context.subscriber.context())
  return entityOf(answer)
}

/** Whether all that is selected of an entity is its id, which the event has. */
export function selectsOnlyIds(nodes: readonly FieldNode[]): boolean {
  return nodes.every((node) =>
    (node.selectionSet?.selections ?? []).every(
      (selection) => selection.kind === Kind.FIELD && ['id', '__typename'].includes(selection.name.value),
    ),
  )
}

function questionFor(info: GraphQLResolveInfo, query: string): Question {
  const [first] = info.fieldNodes
  const known = info.fieldNodes.length === 1 && first ? questions.get(first) : undefined
  if (known) return known
  const typename: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }
  const selection: SelectionSetNode = {
    kind: Kind.SELECTION_SET,
    selections: [typename, ...info.fieldNodes.flatMap((node) => node.selectionSet?.selections ?? [])],
  }
  const { fragments, variables } = usedBy(selection, info.fragments)
  const definitions = (info.operation.variableDefinitions ?? [])
    .filter((definition) => variables.has(definition.variable.name.value))
    .map((definition) => `, ${print(definition)}`)
  const text = [
    `query Fill($ymirId: ID!${definitions.join('')}) { ${query}(id: $ymirId) ${print(selection)} }`,
    ...[...fragments].map((name) => print(info.fragments[name] as ASTNode)), // validation found every fragment
  ].join('\n')
  const question = { text, variables: [...variables] }
  if (info.fieldNodes.length === 1 && first) questions.set(first, question)
  return question
}

/** Names of the fragments and variables that a selection uses, fragments followed. */
export function usedBy(
  selection: SelectionSetNode,
  all: GraphQLResolveInfo['fragments'],
): { fragments: ReadonlySet<string>; variables: ReadonlySet<string> } {
  const fragments = new Set<string>()
  const variables = new Set<string>()
  const look = (node: ASTNode | undefined) => {
    if (!node) return
    visit(node, {
      FragmentSpread: ({ name }) => {
        if (fragments.has(name.value)) return
        fragments.add(name.value)
        look(all[name.value])
      },
      Variable: ({ name }) => void variables.add(name.value),
    })
  }
  look(selection)
  return { fragments, variables }
}

/**
 * The entity in an answer, with each error put where it happened, so that graphql-js reports it there and the rest of
 * the payload stands.
 */
function entityOf({ data, errors = [] }: FormattedExecutionResult): unknown {
  const whole: Record<string, unknown> = { ...data }
  const [root] = Object.keys(whole)
  for (const { message, path = [], extensions } of errors)
    placeError(whole, path, new GraphQLError(message, { extensions }))
  const [first] = errors
  if (root === undefined)
    throw new GraphQLError(first?.message ?? 'the graph has no answer', { extensions: first?.extensions })
  const entity = whole[root]
  if (entity instanceof Error) throw entity
  return entity
}

/** A field that may not be null takes its parent with it: the error goes to the highest null on its way. */
function placeError(root: object, path: readonly (string | number)[], error: GraphQLError): void {
  let parent = root as Record<string | number, unknown> // lists are read by index
  for (const key of path) {
    const value = parent[key]
    if (value === null || value === undefined) {
      parent[key] = error
      return
    }
    if (typeof value !== 'object' || value instanceof Error) return
    parent = value as Record<string | number, unknown>
  }
}
