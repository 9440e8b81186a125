import {
  getNamedType,
  getNullableType,
  getVariableValues,
  GraphQLError,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationRule,
} from 'graphql'

/** What one request may ask for. */
export const limits = {
  /** Fields within fields; the introspection query of the usual tools has 15. */
  depth: 20,
  /** Fields that are given another name. */
  aliases: 100,
  /** Words and signs of a document. */
  tokens: 5_000,
  /** Values in the answer, as `costOf` estimates them. */
  cost: 100_000,
  /** Bytes of a request's body. */
  body: 1024 * 1024,
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>

/** Refuses documents that are too deep (QUERY_TOO_DEEP) or name too many aliases (TOO_MANY_ALIASES). */
export const limitShape: ValidationRule = (context) => ({
  Document(document) {
    const depth = depthOf(document)
    if (depth > limits.depth)
      context.reportError(
        refusal('QUERY_TOO_DEEP', `the query is ${depth} levels deep; ${limits.depth} are allowed`),
      )
    const aliases = aliasesIn(document)
    if (aliases > limits.aliases)
      context.reportError(
        refusal('TOO_MANY_ALIASES', `the query has ${aliases} aliases; ${limits.aliases} are allowed`),
      )
  },
})

/**
 * Variables that do not fit their types are left for execution to refuse.
 * @throws GraphQLError QUERY_TOO_COSTLY
 */
export function limitCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): void {
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables)
  if (!coerced) return
  const cost = costOf(schema, document, operation, coerced)
  if (cost <= limits.cost) return
  throw refusal(
    'QUERY_TOO_COSTLY',
    `the query asks for about ${Math.round(cost)} values; ${limits.cost} are allowed: ask for fewer at a time with \`first\``,
  )
}

/** Validation gives its errors a code of its own, so `limit` keeps ours (see errors.ts). */
function refusal(limit: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: limit, limit, http: { status: 400 } } })
}

/** Levels of fields of the deepest operation, fragments followed. */
export function depthOf(document: DocumentNode): number {
  const fragments = fragmentsOf(document)
  const known = new Map<string, number>()
  const fragmentDepth = (name: string): number => {
    const found = known.get(name)
    if (found !== undefined) return found
    known.set(name, 0) // a fragment within itself is refused elsewhere
    const fragment = fragments.get(name)
    const depth = fragment ? within(fragment.selectionSet) : 0
    known.set(name, depth)
    return depth
  }
  const within = (set: SelectionSetNode | undefined): number =>
    Math.max(
      0,
      ...(set?.selections ?? []).map((selection) => {
        if (selection.kind === Kind.FIELD) return 1 + within(selection.selectionSet)
        if (selection.kind === Kind.INLINE_FRAGMENT) return within(selection.selectionSet)
        return fragmentDepth(selection.name.value)
      }),
    )
  return Math.max(0, ...operationsOf(document).map((operation) => within(operation.selectionSet)))
}

function aliasesIn(document: DocumentNode): number {
  const within = (set: SelectionSetNode | undefined): number =>
    (set?.selections ?? []).reduce((sum, selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return sum
      const own = selection.kind === Kind.FIELD && selection.alias ? 1 : 0
      return sum + own + within(selection.selectionSet)
    }, 0)
  return document.definitions.reduce(
    (sum, definition) => ('selectionSet' in definition ? sum + within(definition.selectionSet) : sum),
    0,
  )
}

const usualPage = 20
const usualList = 10

/**
 * About how many values the answer will have: one for each field, times `first` below a connection (20 when it is left
 * out), times 10 below any other list.
 * @param variables with the defaults of those that were left out
 */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): number {
  const fragments = fragmentsOf(document)
  const known = new Map<string, number>()

  const ofFragment = (name: string): number => {
    const found = known.get(name)
    if (found !== undefined) return found
    known.set(name, 0)
    const fragment = fragments.get(name)
    const type = fragment && schema.getType(fragment.typeCondition.name.value)
    const cost = fragment && isCompositeType(type) ? ofSet(fragment.selectionSet, type) : 0
    known.set(name, cost)
    return cost
  }
  const ofSet = (set: SelectionSetNode, parent: GraphQLCompositeType): number =>
    set.selections.reduce((sum, selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return sum + ofFragment(selection.name.value)
      if (selection.kind === Kind.FIELD) return sum + ofField(selection, parent)
      const narrowed = selection.typeCondition && schema.getType(selection.typeCondition.name.value)
      return sum + ofSet(selection.selectionSet, isCompositeType(narrowed) ? narrowed : parent)
    }, 0)
  const ofField = (field: FieldNode, parent: GraphQLCompositeType): number => {
    const known = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields() : {}
    const type = known[field.name.value]?.type
    const named = type && getNamedType(type)
    if (!type || !field.selectionSet || !isCompositeType(named)) return 1
    return 1 + timesOf(field, getNullableType(type), parent) * ofSet(field.selectionSet, named)
  }
  const timesOf = (field: FieldNode, type: unknown, parent: GraphQLCompositeType): number => {
    const first = field.arguments?.find((argument) => argument.name.value === 'first')?.value
    if (first?.kind === Kind.INT) return Math.max(1, Number(first.value))
    if (first?.kind === Kind.VARIABLE) return Math.max(1, Number(variables[first.name.value] ?? usualPage))
    if (isObjectType(type) && type.name.endsWith('Connection')) return usualPage
    return isListType(type) && !parent.name.endsWith('Connection') ? usualList : 1
  }

  const root = schema.getRootType(operation.operation)
  return root ? ofSet(operation.selectionSet, root) : 0
}

function fragmentsOf(document: DocumentNode): Fragments {
  return new Map(
    document.definitions.flatMap((one) =>
      one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [],
    ),
  )
}

function operationsOf(document: DocumentNode): OperationDefinitionNode[] {
  return document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION)
}
