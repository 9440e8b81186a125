import { CALLER_HEADER, serveSubgraph, signIdentity, type Caller } from '@ymir/graphql'
import type { ExecutorContext } from '../context.ts'
import { RegistryCredentials } from '../image/registry-credentials.ts'
import { subgraph } from '../subgraph.ts'
import type { Platform } from './platform.ts'

const secret = 'secret of a platform that lives for a test'

export interface Answer {
  // the query of each test gives the shape of its answer
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly data: any
  /** Code of the first error. */
  readonly code: string | undefined
  readonly message: string | undefined
}

/** The executor's part of the graph, as the gateway asks it. */
export interface TestGraph {
  ask(caller: Caller, query: string, variables?: object): Promise<Answer>
  close(): Promise<void>
}

export const member: Caller = {
  ...{ kind: 'user', userId: 'ben', role: 'MEMBER', scopes: ['read', 'write'] },
  memberships: {},
}
export const administrator: Caller = { ...member, userId: 'ada', role: 'ADMINISTRATOR' }
export const service: Caller = { kind: 'service', name: 'model' }

export async function aGraph(platform: Platform): Promise<TestGraph> {
  const { database, bus, dispatcher, drivers, pulls, jobsFolder, resources, secrets } = platform
  const credentials = new RegistryCredentials(database, secret)
  const own: Omit<ExecutorContext, 'caller' | 'access' | 'graph' | 'loader'> = {
    ...{ database, bus, dispatcher, drivers, pulls, credentials, jobsFolder, resources, secrets },
  }
  const server = await serveSubgraph({
    configuration: {
      ...{ service: 'executor', host: '127.0.0.1', port: 0, databaseUrl: '', natsUrl: '' },
      ...{ gatewayUrl: 'http://127.0.0.1:9', secret, home: '', blobs: '', uploads: '' },
    },
    subgraph,
    context: own,
  })
  return {
    ask: async (caller, query, variables = {}) => {
      const body = JSON.stringify({ query, variables })
      const signature = signIdentity(caller, { method: 'POST', path: '/graphql', body }, secret)
      const response = await fetch(`http://127.0.0.1:${server.port}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', [CALLER_HEADER]: signature },
        body,
      })
      const { data, errors } = (await response.json()) as {
        data: unknown
        errors?: { message: string; extensions?: { code?: string } }[]
      } // GraphQL over HTTP
      return { data, code: errors?.[0]?.extensions?.code, message: errors?.[0]?.message }
    },
    close: () => server.stop(),
  }
}
