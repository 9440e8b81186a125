import { CALLER_HEADER, serveSubgraph, signIdentity, type Caller, type ProjectRole } from '@ymir/graphql'
import { subgraph } from '../subgraph.ts'
import type { Platform } from './platform.ts'

const secret = 'secret of the executor’s tests, long enough'

export interface Answer {
  // what a test asked for it knows the shape of
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly data?: any
  readonly code?: unknown
  readonly message?: string
}

/** The executor's part of the graph on a test's platform, to be asked as somebody. */
export interface Asking {
  as(caller: Caller, query: string, variables?: object): Promise<Answer>
  stop(): Promise<void>
}

export async function serveForTest(platform: Platform): Promise<Asking> {
  const configuration = {
    service: 'executor',
    host: '127.0.0.1',
    port: 0,
    databaseUrl: '',
    natsUrl: '',
    gatewayUrl: 'http://127.0.0.1:9',
    secret,
    home: '',
    blobs: '',
    uploads: '',
  }
  const { database, bus, drivers, jobsFolder } = platform
  const running = await serveSubgraph({
    configuration,
    subgraph,
    context: {
      database,
      bus,
      drivers,
      jobsFolder,
      get dispatcher() {
        return platform.dispatcher
      },
    },
  })
  return {
    as: async (caller, query, variables = {}) => {
      const body = JSON.stringify({ query, variables })
      const signature = signIdentity(caller, { method: 'POST', path: '/graphql', body }, secret)
      const response = await fetch(`http://127.0.0.1:${running.port}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', [CALLER_HEADER]: signature },
        body,
      })
      // GraphQL over HTTP
      const { data, errors } = (await response.json()) as {
        data?: object
        errors?: { message: string; extensions: Record<string, unknown> }[]
      }
      return { data, code: errors?.[0]?.extensions.code, message: errors?.[0]?.message }
    },
    stop: () => running.stop(),
  }
}

const usual = { kind: 'user', scopes: ['read', 'write'] } as const

export const administrator: Caller = { ...usual, userId: 'ada', role: 'ADMINISTRATOR', memberships: {} }

export function aMember(memberships: Readonly<Record<string, ProjectRole>>): Caller {
  return { ...usual, userId: 'mel', role: 'MEMBER', memberships }
}
