import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serveSubgraph, type RunningSubgraph } from '@ymir/graphql'
import type { FastifyInstance } from 'fastify'
import { createClient, type Client } from 'graphql-ws'
import WebSocket from 'ws'
import { compose } from '../compose/compose.ts'
import { startGateway, type RunningGateway } from '../gateway.ts'
import { freePort } from './nats-server.ts'
import { testSubgraphs } from './subgraphs.ts'
import { World } from './world.ts'

export interface Answer {
  readonly data?: Record<string, never> | null
  readonly errors?: readonly {
    message: string
    path?: (string | number)[]
    extensions: Record<string, unknown>
  }[]
}

export interface TestPlatform {
  readonly world: World
  readonly url: string
  readonly secret: string
  readonly uploads: string
  readonly services: ReadonlyMap<string, RunningSubgraph>
  readonly gateway: RunningGateway
  ask(query: string, options?: { token?: string; variables?: object; headers?: object }): Promise<Answer>
  /** A graphql-ws client with a token. */
  client(token: string): Client
  /** Stops a service, as when it dies. */
  stopService(name: string): Promise<void>
  /** Stops the gateway and starts another one on the same port, as a restart does. */
  restartGateway(): Promise<void>
  stop(): Promise<void>
}

const secret = 'secret of the gateway’s tests, long enough'

export interface TestOptions {
  readonly natsUrl?: string
  readonly corsOrigins?: readonly string[]
  readonly trustedProxies?: readonly string[]
  readonly uploadLimit?: number
  /** Folder of a built dashboard. */
  readonly pages?: string
  /** Where images come from beside the gateway. */
  readonly imageOrigin?: string
  /** File routes by service. */
  readonly routes?: Readonly<Record<string, (app: FastifyInstance) => void>>
}

/** The gateway before small real services, all in this process. */
export async function startTestPlatform(options: TestOptions = {}): Promise<TestPlatform> {
  const home = mkdtempSync(join(tmpdir(), 'ymir-gateway-'))
  const supergraph = join(home, 'supergraph.graphql')
  writeFileSync(supergraph, (await compose(testSubgraphs)).supergraph)
  const world = new World()
  const { natsUrl = process.env.YMIR_TEST_NATS_URL ?? '' } = options

  const port = await freePort()
  const services = new Map<string, RunningSubgraph>()
  for (const subgraph of testSubgraphs)
    services.set(
      subgraph.name,
      await serveSubgraph({
        configuration: {
          service: subgraph.name,
          host: '127.0.0.1',
          port: 0,
          databaseUrl: '',
          natsUrl,
          gatewayUrl: `http://127.0.0.1:${port}`,
          secret,
          home,
          blobs: home,
          uploads: home,
        },
        subgraph,
        context: { world },
        routes: options.routes?.[subgraph.name],
      }),
    )
  const start = () =>
    startGateway({
      host: '127.0.0.1',
      port,
      natsUrl,
      secret,
      services: Object.fromEntries(
        [...services].map(([name, one]) => [name, `http://127.0.0.1:${one.port}`]),
      ),
      uploads: join(home, 'uploads'),
      uploadLimit: options.uploadLimit ?? 1024 ** 3,
      corsOrigins: options.corsOrigins ?? [],
      trustedProxies: options.trustedProxies ?? [],
      pages: options.pages,
      imageOrigin: options.imageOrigin,
      supergraph,
    })
  let gateway = await start()
  const url = `http://127.0.0.1:${port}`
  const clients: Client[] = []
  const stopped = new Set<string>()
  return {
    world,
    url,
    secret,
    uploads: join(home, 'uploads'),
    services,
    get gateway() {
      return gateway
    },
    ask: async (query, { token, variables = {}, headers = {} } = {}) => {
      const authorization: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {}
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...authorization, ...headers },
        body: JSON.stringify({ query, variables }),
      })
      return (await response.json()) as Answer // GraphQL over HTTP
    },
    client: (token) => {
      const client = createClient({
        url: `${url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { authorization: `Bearer ${token}` },
        lazyCloseTimeout: 0,
        retryAttempts: 0,
      })
      clients.push(client)
      return client
    },
    stopService: async (name) => {
      stopped.add(name)
      await services.get(name)?.stop()
    },
    restartGateway: async () => {
      await gateway.stop()
      gateway = await start()
    },
    stop: async () => {
      for (const client of clients) await client.dispose()
      await gateway.stop()
      for (const [name, service] of services) if (!stopped.has(name)) await service.stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}
