import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client'
import { CombinedGraphQLErrors } from '@apollo/client/errors'
import { ErrorLink } from '@apollo/client/link/error'
import { OperationTypeNode } from 'graphql'
import { LiveConnection } from './connection.ts'
import { resumingLink } from './resuming-link.ts'

export const connection = new LiveConnection()

const leaveWhenSignedOut = new ErrorLink(({ error }) => {
  const isSignedOut =
    CombinedGraphQLErrors.is(error) &&
    error.errors.some(({ extensions }) => extensions?.code === 'UNAUTHENTICATED')
  // the frame of the page sees that nobody is there and asks to sign in
  if (isSignedOut) void client.refetchQueries({ include: ['Viewer'] })
})

export const client = new ApolloClient({
  cache: new InMemoryCache({
    typePolicies: {
      // these have no identity of their own: the newest answer counts
      Project: { fields: { classes: { merge: false }, rounds: { merge: false }, members: { merge: false } } },
      // one image has other annotations in another version
      Asset: { keyFields: false },
      Iteration: { fields: { steps: { merge: false } } },
    },
  }),
  link: ApolloLink.from([
    leaveWhenSignedOut,
    ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      resumingLink(connection.client),
      new HttpLink({ uri: '/graphql', credentials: 'same-origin' }),
    ),
  ]),
  // what is known is shown at once and checked behind it
  defaultOptions: { watchQuery: { fetchPolicy: 'cache-and-network', nextFetchPolicy: 'cache-first' } },
})

// what changed while nobody listened is read anew, so that every number is right without reload
connection.onReconnected(() => void client.refetchQueries({ include: 'active' }))
