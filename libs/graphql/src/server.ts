import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server'
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled'
import fastifyApollo, { fastifyApolloDrainPlugin } from '@as-integrations/fastify'
import { log, type Configuration } from '@ymir/service'
import type { ValidationError } from 'class-validator'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { ArgumentValidationError } from 'type-graphql'
import { GraphClient } from './client.ts'
import { requestContext, type RequestContext } from './context.ts'
import { DomainError } from './errors.ts'
import { CALLER_HEADER, verifyIdentity, type Caller } from './identity.ts'
import { buildSubgraph, type Subgraph } from './subgraph.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as it came, for its signature. */
    rawBody?: Buffer
    /** Who asks, set before any handler runs. */
    caller: Caller
    /** What a resolver would get, for HTTP routes. */
    ymir: RequestContext
  }
}

export interface ServeOptions<Own extends object> {
  readonly configuration: Configuration
  readonly subgraph: Subgraph
  /** The service's own things; every resolver gets them beside RequestContext. */
  readonly context: Own
  /** Mutations that an API key with the scope `label` may use. */
  readonly labelMutations?: readonly string[]
  /** HTTP routes beside /graphql; `request.ymir` is their context, `request.caller` who asks. */
  readonly routes?: (app: FastifyInstance, context: Own) => void
}

export interface RunningSubgraph {
  readonly port: number
  readonly app: FastifyInstance
  stop(): Promise<void>
}

const bodyLimit = 16 * 1024 * 1024

/**
 * Serves a subgraph at /graphql on Fastify. Only requests signed by the gateway are answered (401 otherwise); GET /health
 * is open. Errors that are not DomainErrors are logged under an id and masked.
 */
export async function serveSubgraph<Own extends object>(
  options: ServeOptions<Own>,
): Promise<RunningSubgraph> {
  const { configuration, subgraph } = options
  const { schema } = await buildSubgraph(subgraph)
  const app = Fastify({ bodyLimit, forceCloseConnections: true, routerOptions: { maxParamLength: 200 } })
  const graph = new GraphClient({ ...configuration, service: subgraph.name })
  const apollo = new ApolloServer<RequestContext & Own>({
    schema,
    introspection: true,
    csrfPrevention: false, // only the gateway gets this far
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false, // stopOnSignal does; both at once wait for each other
    formatError,
    plugins: [
      ApolloServerPluginInlineTraceDisabled(),
      fastifyApolloDrainPlugin(app),
      checkScopes(options.labelMutations ?? []),
    ],
  })
  await apollo.start()

  app.get('/health', () => ({
    ...{ status: 'ok', service: subgraph.name, uptimeSeconds: Math.floor(process.uptime()) },
  }))
  keepRawBody(app)
  app.addHook('preHandler', async (request, reply) => {
    if (request.routeOptions.url === '/health') return
    const signed = { method: request.method, path: request.url, body: request.rawBody ?? '' }
    const caller = verifyIdentity(headerOf(request.raw), signed, configuration.secret)
    if (!caller)
      return reply.code(401).send({ errors: [{ message: 'not signed by the gateway of this platform' }] })
    request.caller = caller
    request.ymir = requestContext(caller, graph)
  })
  app.setErrorHandler(answerError)
  await app.register(fastifyApollo(apollo), {
    context: (request: FastifyRequest) => Promise.resolve({ ...options.context, ...request.ymir }),
  })
  options.routes?.(app, options.context)

  await app.listen({ port: configuration.port, host: configuration.host })
  const address = app.server.address()
  const port = typeof address === 'object' && address ? address.port : configuration.port
  log.info(`${subgraph.name} listens`, { port })
  return {
    port,
    app,
    stop: async () => {
      await app.close()
      await apollo.stop()
      await graph.close()
    },
  }
}

function headerOf(request: IncomingMessage): string | undefined {
  const value = request.headers[CALLER_HEADER]
  return Array.isArray(value) ? value[0] : value
}

function keepRawBody(app: FastifyInstance) {
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    request.rawBody = body
    try {
      done(null, JSON.parse(body.toString()))
    } catch {
      done(Object.assign(new Error('the body is not JSON'), { statusCode: 400 }))
    }
  })
}

function checkScopes<Context extends RequestContext>(
  labelMutations: readonly string[],
): ApolloServerPlugin<Context> {
  const allowedByLabel = (name: string) => labelMutations.includes(name)
  return {
    requestDidStart: () =>
      Promise.resolve({
        didResolveOperation: ({ operation, contextValue: { caller } }) => {
          if (caller.kind !== 'user' || !operation) return Promise.resolve()
          const needed = operation.operation === 'mutation' ? 'write' : 'read'
          if (caller.scopes.includes(needed)) return Promise.resolve()
          const fields = operation.selectionSet.selections.map((one) =>
            one.kind === 'Field' ? one.name.value : '',
          )
          if (caller.scopes.includes('label') && (needed === 'read' || fields.every(allowedByLabel)))
            return Promise.resolve()
          throw new DomainError('FORBIDDEN', `this API key lacks the scope "${needed}"`, { needed })
        },
      }),
  }
}

/** Validation says which field; what we did not mean to throw is masked, and found in the log by its id. */
function formatError(formatted: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError {
  const original = thrown instanceof GraphQLError ? (thrown.originalError ?? thrown) : thrown
  if (original instanceof ArgumentValidationError) {
    const found: unknown = original.extensions.validationErrors
    // a validator that fails itself comes the same way
    return Array.isArray(found) ? refused(formatted, fieldProblems(found)) : masked(formatted, found)
  }
  const isMeant = original instanceof GraphQLError || formatted.extensions?.code !== 'INTERNAL_SERVER_ERROR'
  return isMeant ? formatted : masked(formatted, original)
}

function refused(formatted: GraphQLFormattedError, fields: readonly FieldProblem[]): GraphQLFormattedError {
  return {
    ...formatted,
    message: fields.map(({ field, problem }) => `${field}: ${problem}`).join('; '),
    extensions: { code: 'BAD_USER_INPUT', fields },
  }
}

function masked({ path }: GraphQLFormattedError, cause: unknown): GraphQLFormattedError {
  const id = randomUUID()
  log.error(`internal error ${id} at ${path?.join('.') ?? 'the query'}`, cause)
  return {
    message: `something went wrong inside; the service's log has it under ${id}`,
    path,
    extensions: { code: 'INTERNAL', id },
  }
}

interface FieldProblem {
  readonly field: string
  readonly problem: string
}

/** class-validator's tree of errors as a list of fields. */
function fieldProblems(nodes: readonly ValidationError[], prefix = ''): FieldProblem[] {
  return nodes.flatMap(({ property, constraints = {}, children = [] }) => [
    ...Object.values(constraints).map((problem) => ({ field: prefix + property, problem })),
    ...fieldProblems(children, `${prefix}${property}.`),
  ])
}

const statusOf: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  BAD_USER_INPUT: 400,
}

/** Routes throw the same errors as resolvers. */
function answerError(
  error: Error & { statusCode?: number },
  request: FastifyRequest,
  reply: import('fastify').FastifyReply,
) {
  if (error instanceof GraphQLError) {
    const code = String(error.extensions.code)
    return reply
      .code(statusOf[code] ?? 409)
      .send({ errors: [{ message: error.message, extensions: error.extensions }] })
  }
  if (error.statusCode && error.statusCode < 500)
    return reply.code(error.statusCode).send({ errors: [{ message: error.message }] })
  const id = randomUUID()
  log.error(`internal error ${id} at ${request.method} ${request.url}`, error)
  return reply
    .code(500)
    .send({ errors: [{ message: `something went wrong inside; the service's log has it under ${id}` }] })
}
