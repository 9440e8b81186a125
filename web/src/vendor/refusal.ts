import { CombinedGraphQLErrors } from '@apollo/client/errors'
import type { GraphQLFormattedError } from 'graphql'
import { objectOf } from '../graph/json.ts'

/** What is wrong in a form, as the graph says it. */
export interface Refusal<Field extends string> {
  /** By the field that is at fault. */
  readonly at: Partial<Record<Field, string>>
  /** The error, when it says something of which the form has no field. */
  readonly other: unknown
}

/**
 * Sorts what the graph refused to the fields of a form.
 * @param fields of the form, called as the mutation's input calls them
 */
export function refusalOf<Field extends string>(error: unknown, fields: readonly Field[]): Refusal<Field> {
  if (!CombinedGraphQLErrors.is(error)) return { at: {}, other: error }
  const at: Partial<Record<Field, string>> = {}
  let hasOther = false
  for (const { field, problem } of error.errors.flatMap(faultsIn)) {
    const known = fields.find((one) => one === field)
    if (known) at[known] ??= problem
    else hasOther = true
  }
  return { at, other: hasOther ? error : undefined }
}

interface Fault {
  readonly field: unknown
  readonly problem: string
}

/** A refusal names its field (`field`), one of the checks before it all of theirs (`fields`). */
function faultsIn({ message, extensions }: GraphQLFormattedError): Fault[] {
  const listed: unknown = extensions?.fields
  if (!Array.isArray(listed) || listed.length === 0) return [{ field: extensions?.field, problem: message }]
  return listed.map((one) => {
    const { field, problem } = objectOf(one)
    return { field, problem: typeof problem === 'string' ? problem : message }
  })
}
