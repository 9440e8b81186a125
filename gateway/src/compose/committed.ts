import { fileURLToPath } from 'node:url'
import { committedSupergraph } from '../configuration.ts'
import type { Composed } from './compose.ts'

const schemaPath = fileURLToPath(new URL('../../schema.graphql', import.meta.url))

/** The composed files, which are committed so that a change of the public schema shows in review. */
export const committedFiles: readonly {
  readonly path: string
  readonly of: (composed: Composed) => string
}[] = [
  { path: committedSupergraph, of: ({ supergraph }) => supergraph },
  { path: schemaPath, of: ({ schema }) => schema },
]
