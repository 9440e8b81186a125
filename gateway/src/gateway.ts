import { fastifyApolloHandler } from '@as-integrations/fastify'
import { log } from '@ymir/service'
import { Authenticator } from './caller/authenticator.ts'
import { Edge } from './caller/edge.ts'
import { sessionRoutes } from './caller/session-routes.ts'
import type { GatewayConfiguration } from './configuration.ts'
import { Facts } from './feed/facts.ts'
import { News } from './feed/news.ts'
import { fileRoutes } from './file/file-routes.ts'
import { Graph } from './graph/graph.ts'
import { Service } from './graph/service.ts'
import { labellingRoutes } from './file/labelling-routes.ts'
import { healthRoutes } from './graph/service-health.ts'
import { httpServer } from './http.ts'
import { pageRoutes } from './page/page-routes.ts'
import { Sockets } from './subscription/sockets.ts'
import { Uploads } from './upload/uploads.ts'
import { toolRoutes } from './vendor/tool-routes.ts'
import { vendorRoutes } from './vendor/vendor-routes.ts'

export interface RunningGateway {
  readonly port: number
  stop(): Promise<void>
}

/** The one door of the platform: the graph, subscriptions, uploads and files, each request with its caller. */
export async function startGateway(configuration: GatewayConfiguration): Promise<RunningGateway> {
  const { natsUrl, secret, corsOrigins } = configuration
  const services = new Map(
    Object.entries(configuration.services).map(([name, origin]) => [name, new Service(name, origin, secret)]),
  )
  const identity = services.get('identity')
  if (!identity) throw new Error('the gateway needs the identity service: set YMIR_IDENTITY_URL')
  const authenticator = new Authenticator(identity)
  const edge = new Edge(authenticator, secret, corsOrigins)

  const app = httpServer(configuration)
  const facts = new Facts({
    natsUrl,
    onFact: (fact) =>
      void sockets.hear(fact).catch((error: unknown) => log.error('while checking rights', error)),
  })
  const news = new News({ natsUrl })
  const graph = new Graph({
    supergraph: configuration.supergraph,
    services,
    onSchema: (schema) => sockets.use(schema),
    onMutation: ({ caller }) => {
      // what one does to one's own sessions, keys and projects holds for the next request
      if (caller.kind === 'user') void authenticator.forget(caller.userId)
    },
  })
  const sockets = new Sockets({ server: app.server, graph, facts, news, authenticator, corsOrigins })
  await graph.start()

  app.get('/health', () => ({
    status: 'ok',
    service: 'gateway',
    bus: facts.isConnected() ? 'connected' : 'away',
  }))
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    handler: fastifyApolloHandler(graph.apollo, {
      context: async (request) => ({ caller: await edge.callerOf(request) }),
    }),
  })
  healthRoutes(app, edge, services)
  sessionRoutes(app, authenticator, graph, corsOrigins)
  fileRoutes(app, edge, services)
  labellingRoutes(app, { edge, graph, services })
  vendorRoutes(app, { edge, graph, services })
  toolRoutes(app, { graph })
  const uploads = new Uploads({
    folder: configuration.uploads,
    limit: configuration.uploadLimit,
    corsOrigins,
    edge,
  })
  uploads.routes(app)

  const { pages: folder, imageOrigin } = configuration
  if (folder) await pageRoutes(app, { folder, imageOrigin })

  await app.listen({ host: configuration.host, port: configuration.port })
  const address = app.server.address()
  const port = typeof address === 'object' && address ? address.port : configuration.port
  log.info('gateway listens', { port })
  return {
    port,
    stop: async () => {
      await sockets.stop()
      await app.close()
      uploads.stop()
      await graph.stop()
      await Promise.all([
        facts.stop(),
        news.stop(),
        ...[...services.values()].map((service) => service.close()),
      ])
    },
  }
}
