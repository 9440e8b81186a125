import { randomUUID } from 'node:crypto'
import { log } from '@ymir/service'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { GraphQLError } from 'graphql'
import type { GatewayConfiguration } from './configuration.ts'
import { limits } from './graph/limits.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as it came, for a service's signature. */
    rawBody?: Buffer
  }
}

/** The HTTP server before anything is served: body limits, headers of caution, other origins, errors as GraphQL has them. */
export function httpServer({
  corsOrigins,
  trustedProxies,
}: Pick<GatewayConfiguration, 'corsOrigins' | 'trustedProxies'>): FastifyInstance {
  const app = Fastify({
    bodyLimit: limits.body,
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 300 },
  })
  keepRawBody(app)
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers(caution)
    allowOrigin(request, reply, corsOrigins)
    const isPreflight = request.method === 'OPTIONS' && request.headers['access-control-request-method']
    if (isPreflight && !request.url.startsWith('/files/uploads')) return reply.code(204).send()
  })
  app.setErrorHandler(answerError)
  app.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .send(errorBody(`there is nothing at ${request.url.split('?')[0]}`, { code: 'NOT_FOUND' })),
  )
  return app
}

const caution = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-site',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
}

function allowOrigin(
  { headers: { origin } }: FastifyRequest,
  reply: FastifyReply,
  allowed: readonly string[],
): void {
  if (allowed.length) void reply.header('vary', 'Origin')
  if (!origin || !allowed.includes(origin)) return
  void reply.headers({
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'GET, HEAD, POST, DELETE, OPTIONS',
    'access-control-allow-headers': 'authorization, content-type, apollo-require-preflight, range',
    'access-control-expose-headers': 'content-range, content-length, etag',
    'access-control-max-age': '600',
  })
}

function keepRawBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    request.rawBody = body
    try {
      done(null, JSON.parse(body.toString()))
    } catch {
      done(Object.assign(new Error('the body is not JSON'), { statusCode: 400, code: 'BAD_REQUEST' }))
    }
  })
}

const statusOf: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  BAD_USER_INPUT: 400,
  SERVICE_UNAVAILABLE: 503,
}

const codeOf: Readonly<Record<number, string>> = { 413: 'BODY_TOO_LARGE', 415: 'UNSUPPORTED_MEDIA_TYPE' }

function answerError(error: Error & { statusCode?: number }, request: FastifyRequest, reply: FastifyReply) {
  if (error instanceof GraphQLError) {
    const { http: _, ...extensions } = error.extensions
    return reply.code(statusOf[String(extensions.code)] ?? 409).send(errorBody(error.message, extensions))
  }
  const { statusCode = 500 } = error
  if (statusCode < 500)
    return reply
      .code(statusCode)
      .send(errorBody(error.message, { code: codeOf[statusCode] ?? 'BAD_REQUEST' }))
  const id = randomUUID()
  log.error(`internal error ${id} at ${request.method} ${request.url.split('?')[0]}`, error)
  return reply.code(500).send(
    errorBody(`something went wrong inside; the gateway's log has it under ${id}`, {
      code: 'INTERNAL',
      id,
    }),
  )
}

function errorBody(message: string, extensions: Readonly<Record<string, unknown>>) {
  return { errors: [{ message, extensions }] }
}
