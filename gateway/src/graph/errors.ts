import { randomUUID } from 'node:crypto'
import { unwrapResolverError } from '@apollo/server/errors'
import { log } from '@ymir/service'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'

/**
 * What a client sees of an error: a stable `extensions.code`, the service at fault, and nothing of our insides. What
 * nobody meant to throw is logged under an id and masked.
 */
export function formatError(formatted: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError {
  const { serviceName, limit, stacktrace: _, ...extensions } = formatted.extensions ?? {}
  if (serviceName !== undefined) extensions.service = serviceName
  if (limit !== undefined) extensions.code = limit
  if (extensions.code !== 'INTERNAL_SERVER_ERROR') return { ...formatted, extensions }
  return masked(formatted, thrown)
}

/** The same for errors outside Apollo Server: subscriptions and plain routes. */
export function publicError(thrown: unknown): GraphQLError {
  if (thrown instanceof GraphQLError && typeof thrown.extensions.code === 'string') return thrown
  const { message, extensions } = masked({ message: '' }, thrown)
  return new GraphQLError(message, { extensions })
}

function masked(formatted: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError {
  const id = randomUUID()
  log.error(`internal error ${id}`, unwrapResolverError(thrown))
  return {
    ...formatted,
    message: `something went wrong inside; the gateway's log has it under ${id}`,
    extensions: { code: 'INTERNAL', id },
  }
}
