import {
  ApolloClient,
  ApolloLink,
  HttpLink,
  InMemoryCache,
  type FieldMergeFunction,
  type StoreObject,
} from '@apollo/client'
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

/** Two questions about a list whose items have no id ask for different fields: each item keeps what either told. */
function mergedBy(field: string): FieldMergeFunction<readonly StoreObject[]> {
  return (known = [], told, { mergeObjects, readField }) =>
    told.map((item) => {
      const key = readField(field, item)
      const same = key === undefined ? undefined : known.find((one) => readField(field, one) === key)
      return same ? mergeObjects(same, item) : item
    })
}

export const client = new ApolloClient({
  // who asks again because something happened must not get the answer that was under way before it happened
  queryDeduplication: false,
  cache: new InMemoryCache({
    possibleTypes: { LineageNode: ['DatasetVersion', 'Job', 'LabellingTask', 'MiningTask', 'Model'] },
    typePolicies: {
      // one image has other annotations in another version, and one query asks for other parts of it than the next
      Asset: { keyFields: false },
      DatasetVersion: { fields: { asset: { merge: true } } },
      Query: { fields: { datasetDiff: { merge: true } } },
      // what these hold has no identity of its own: the newest answer counts
      Project: {
        fields: {
          classes: { merge: false },
          rounds: { merge: mergedBy('round') },
          members: { merge: false },
        },
      },
      Iteration: { fields: { steps: { merge: mergedBy('name') } } },
      LabellingTask: { fields: { labellers: { merge: false }, draft: { merge: true } } },
      LabellingItem: { fields: { changes: { merge: false } } },
      Vendor: { fields: { connector: { merge: true } } },
      VendorConnector: { fields: { refused: { merge: false } } },
      VendorDelivery: { fields: { attempts: { merge: false } } },
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
