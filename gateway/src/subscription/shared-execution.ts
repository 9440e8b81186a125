import { createHash } from 'node:crypto'
import {
  execute,
  GraphQLError,
  Kind,
  print,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type FragmentDefinitionNode,
  type SelectionNode,
} from 'graphql'
import { publicError } from '../graph/errors.ts'
import type { SubscriptionContext, Update } from './context.ts'
import { filledFields, selectsOnlyIds, usedBy } from './fill.ts'
import { fieldResolver } from './schema.ts'

interface Shape {
  readonly text: string
  /** Variables that the payload's selection uses; `after` is none of them. */
  readonly variables: readonly string[]
  /** Whether the graph is asked, so that the subscriber's rights count. */
  readonly asksGraph: boolean
}

const keptMs = 1_000

/**
 * Applies clients' selections to payloads. Subscribers with the same document, variables and rights who get the same
 * payload share one execution, and with it the questions to the graph; a client that comes later than a second runs its
 * own.
 */
export class SharedExecutions {
  private readonly results = new Map<string, { at: number; result: Promise<ExecutionResult> }>()
  private readonly shapes = new WeakMap<DocumentNode, Shape>()
  private readonly groups = new WeakMap<ExecutionArgs, { readonly rights: string; readonly name: string }>()

  run(args: ExecutionArgs, update: Update): Promise<ExecutionResult> {
    const key = `${this.groupOf(args)} ${update.key}`
    this.forgetOld()
    const known = this.results.get(key)
    if (known) return known.result
    const result = Promise.resolve(execute({ ...args, rootValue: update, fieldResolver })).then(publicResult)
    this.results.set(key, { at: Date.now(), result })
    return result
  }

  /** A short name for all who see the same of a payload; worked out once for each subscription. */
  private groupOf(args: ExecutionArgs): string {
    const { subscriber } = args.contextValue as SubscriptionContext // our sockets make it
    const rights = subscriber.rights()
    const known = this.groups.get(args)
    if (known?.rights === rights) return known.name
    const { text, variables, asksGraph } = this.shapeOf(args.document)
    const given = variables.map((name) => args.variableValues?.[name])
    const seen = [asksGraph ? rights : '', args.operationName, text, given]
    const name = createHash('sha256').update(JSON.stringify(seen)).digest('base64')
    this.groups.set(args, { rights, name })
    return name
  }

  private forgetOld(): void {
    const oldest = Date.now() - keptMs
    for (const [key, { at }] of this.results) {
      if (at > oldest) return
      this.results.delete(key)
    }
  }

  private shapeOf(document: DocumentNode): Shape {
    const known = this.shapes.get(document)
    if (known) return known
    const fragments = Object.fromEntries(
      document.definitions
        .filter((one): one is FragmentDefinitionNode => one.kind === Kind.FRAGMENT_DEFINITION)
        .map((one) => [one.name.value, one]),
    )
    const variables = new Set<string>()
    let asksGraph = Object.keys(fragments).length > 0
    for (const operation of document.definitions) {
      if (operation.kind !== Kind.OPERATION_DEFINITION) continue
      for (const subscription of operation.selectionSet.selections) {
        if (subscription.kind !== Kind.FIELD || !subscription.selectionSet) asksGraph = true
        else {
          usedBy(subscription.selectionSet, fragments).variables.forEach((name) => variables.add(name))
          asksGraph ||= subscription.selectionSet.selections.some(isFilled)
        }
      }
    }
    const shape = { text: print(document), variables: [...variables], asksGraph }
    this.shapes.set(document, shape)
    return shape
  }
}

function isFilled(selection: SelectionNode): boolean {
  if (selection.kind !== Kind.FIELD) return true // a fragment: it may
  return filledFields.some(({ field }) => field === selection.name.value) && !selectsOnlyIds([selection])
}

/** What nobody meant to throw is masked, as in answers over HTTP. */
function publicResult(result: ExecutionResult): ExecutionResult {
  const errors = result.errors?.map((error) =>
    typeof error.extensions.code === 'string'
      ? error
      : new GraphQLError(publicError(error.originalError ?? error).message, {
          path: error.path,
          extensions: { code: 'INTERNAL' },
        }),
  )
  return errors ? { ...result, errors } : result
}
