import { ApolloLink, Observable } from '@apollo/client'
import { CombinedGraphQLErrors } from '@apollo/client/errors'
import type { Client } from 'graphql-ws'
import { print } from 'graphql'

/**
 * Subscriptions that go on where they were: each payload has a cursor, which is the variable `after` when the socket
 * comes back, so nothing is missed and nothing comes twice.
 */
export function resumingLink(client: Client): ApolloLink {
  return new ApolloLink(
    ({ query, operationName, variables }) =>
      new Observable((observer) => {
        // graphql-ws sends this very object again after a loss
        const payload = { query: print(query), operationName, variables: { ...variables } }
        return client.subscribe(payload, {
          next: (result) => {
            const cursor = cursorOf(result.data)
            if (cursor !== undefined) payload.variables.after = cursor
            observer.next(result as ApolloLink.Result) // graphql-ws leaves the extensions open
          },
          complete: () => observer.complete(),
          error: (reason) => observer.error(errorOf(reason)),
        })
      }),
  )
}

function cursorOf(data: Record<string, unknown> | null | undefined): string | undefined {
  const [update] = Object.values(data ?? {})
  if (typeof update !== 'object' || update === null || !('cursor' in update)) return undefined
  return typeof update.cursor === 'string' ? update.cursor : undefined
}

function errorOf(reason: unknown): Error {
  if (Array.isArray(reason)) return new CombinedGraphQLErrors({ errors: reason })
  return reason instanceof Error ? reason : new Error('the connection was closed', { cause: reason })
}
