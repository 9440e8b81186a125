import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CALLER_HEADER, serveSubgraph, signIdentity, type Caller, type ProjectRole } from '@ymir/graphql'
import { RegistryCredentials } from '../image/registry-credentials.ts'
import { subgraph } from '../subgraph.ts'
import { tensorboardRoute } from '../tensorboard/event-file.route.ts'
import type { Platform } from './platform.ts'

export interface Answer {
  // the query of each test gives the shape of its answer
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly data?: any
  /** Code of the first error. */
  readonly code?: string
  readonly message?: string
}

/** The executor's part of the graph and its HTTP routes, asked as the gateway asks. */
export interface Served {
  /** Errors are part of the answer. */
  answer(as: Caller, query: string, variables?: object): Promise<Answer>
  /** @throws Error with the first error's code and message */
  ask<Data>(query: string, variables?: object, as?: Caller): Promise<Data>
  get(path: string, as?: Caller, headers?: Record<string, string>): Promise<Response>
  stop(): Promise<void>
}

export const administrator: Caller = {
  kind: 'user',
  userId: 'ada',
  role: 'ADMINISTRATOR',
  scopes: ['read', 'write'],
  memberships: {},
}

export const service: Caller = { kind: 'service', name: 'model' }

export function aMember(memberships: Record<string, ProjectRole> = {}): Caller {
  return { kind: 'user', userId: 'mel', role: 'MEMBER', scopes: ['read', 'write'], memberships }
}

/** The platform's, in these tests. */
export const secret = 's'.repeat(32)

export async function serve(platform: Platform): Promise<Served> {
  const { database, bus, drivers, pulls, jobsFolder, resources, secrets } = platform
  const credentials = new RegistryCredentials(database, secret)
  const gateway = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end('{"data":{"membership":null}}') // nobody became a member since the token was checked
  }).listen(0, '127.0.0.1')
  await once(gateway, 'listening')
  const { port } = gateway.address() as AddressInfo // it listens on a port
  const running = await serveSubgraph({
    configuration: {
      ...{ service: 'executor', host: '127.0.0.1', port: 0, secret, gatewayUrl: `http://127.0.0.1:${port}` },
      ...{ databaseUrl: '', natsUrl: '', home: '', blobs: '', uploads: '' },
    },
    subgraph,
    context: {
      ...{ database, bus, drivers, pulls, credentials, jobsFolder, resources, secrets },
      get dispatcher() {
        return platform.dispatcher // another one after a restart
      },
    },
    routes: tensorboardRoute,
  })
  const url = `http://127.0.0.1:${running.port}`
  const answer = async (as: Caller, query: string, variables: object = {}): Promise<Answer> => {
    const body = JSON.stringify({ query, variables })
    const headers = {
      'content-type': 'application/json',
      [CALLER_HEADER]: signIdentity(as, { method: 'POST', path: '/graphql', body }, secret),
    }
    const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body })
    const { data, errors } = (await response.json()) as {
      data?: unknown
      errors?: { message: string; extensions?: { code?: string } }[]
    } // GraphQL over HTTP
    return { data, code: errors?.[0]?.extensions?.code, message: errors?.[0]?.message }
  }
  return {
    answer,
    ask: async <Data>(query: string, variables: object = {}, as: Caller = administrator) => {
      const { data, code, message } = await answer(as, query, variables)
      if (message !== undefined) throw new Error(`${code}: ${message}`)
      return data as Data // of the shape that the test asked for
    },
    get: (path, as = administrator, headers = {}) =>
      fetch(`${url}${path}`, {
        headers: { ...headers, [CALLER_HEADER]: signIdentity(as, { method: 'GET', path, body: '' }, secret) },
      }),
    stop: async () => {
      await running.stop()
      gateway.closeAllConnections()
      gateway.close()
    },
  }
}
