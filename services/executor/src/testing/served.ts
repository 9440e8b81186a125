import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CALLER_HEADER, serveSubgraph, signIdentity, type Caller, type ProjectRole } from '@ymir/graphql'
import { subgraph } from '../subgraph.ts'
import { tensorboardRoute } from '../tensorboard/event-file.route.ts'
import type { Platform } from './platform.ts'

/** The executor's part of the graph and its HTTP routes, asked as the gateway asks. */
export interface Served {
  /** @throws Error with the first error's code and message */
  ask<Answer>(query: string, variables?: object, as?: Caller): Promise<Answer>
  get(path: string, as?: Caller, headers?: Record<string, string>): Promise<Response>
  stop(): Promise<void>
}

export const administrator: Caller = {
  kind: 'user',
  userId: 'admin',
  role: 'ADMINISTRATOR',
  scopes: ['read', 'write'],
  memberships: {},
}

export function aMember(memberships: Record<string, ProjectRole> = {}): Caller {
  return { kind: 'user', userId: 'member', role: 'MEMBER', scopes: ['read', 'write'], memberships }
}

const secret = 's'.repeat(32)

export async function serve(platform: Platform): Promise<Served> {
  const { database, dispatcher, drivers, jobsFolder, resources, secrets } = platform
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
    context: { database, dispatcher, drivers, jobsFolder, resources, secrets },
    routes: tensorboardRoute,
  })
  const url = `http://127.0.0.1:${running.port}`
  return {
    ask: async <Answer>(query: string, variables: object = {}, as: Caller = administrator) => {
      const body = JSON.stringify({ query, variables })
      const headers = {
        'content-type': 'application/json',
        [CALLER_HEADER]: signIdentity(as, { method: 'POST', path: '/graphql', body }, secret),
      }
      const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body })
      const { data, errors } = (await response.json()) as {
        data: Answer
        errors?: { message: string; extensions: { code: string } }[]
      }
      const [error] = errors ?? []
      if (error) throw new Error(`${error.extensions.code}: ${error.message}`)
      return data
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
