import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Edge } from '../caller/edge.ts'
import type { Service } from '../graph/service.ts'

/** Which service has which files. */
const owners: Readonly<Record<string, string>> = {
  assets: 'dataset',
  thumbnails: 'dataset',
  exports: 'dataset',
  imports: 'dataset',
  models: 'model',
  jobs: 'executor',
  rounds: 'mining',
}

export const passedOn = ['range', 'if-range', 'if-none-match', 'if-modified-since', 'accept']
export const passedBack = [
  'content-type',
  'content-length',
  'content-range',
  'content-disposition',
  'accept-ranges',
  'etag',
  'last-modified',
  'cache-control',
  'vary',
  'location', // of a bucket, for blobs that are fetched there
]

/**
 * GET /files/...: bytes of the services, streamed as they come and no faster than the client takes them, with ranges and
 * cache headers. Authorised by header or, for a page's <img>, by the session cookie.
 */
export function fileRoutes(app: FastifyInstance, edge: Edge, services: ReadonlyMap<string, Service>): void {
  for (const [folder, owner] of Object.entries(owners)) {
    const service = services.get(owner)
    if (!service) continue
    app.route({
      method: 'GET', // Fastify answers HEAD with it
      url: `/files/${folder}/*`,
      handler: (request, reply) => pass(request, reply, edge, service),
    })
  }
}

async function pass(
  request: FastifyRequest,
  reply: FastifyReply,
  edge: Edge,
  service: Service,
): Promise<FastifyReply> {
  const { url, headers } = request
  const method = request.method === 'HEAD' ? 'HEAD' : 'GET'
  const caller = await edge.readerOf(request)
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  const answer = await service.file(
    { method, path: url, headers: only(passedOn, headers), signal: gone.signal },
    { caller },
  )
  return reply
    .code(answer.status)
    .headers(only(passedBack, answer.headers))
    .header('content-security-policy', "default-src 'none'; sandbox")
    .send(answer.body)
}

export function only(
  names: readonly string[],
  headers: Readonly<Record<string, string | string[] | undefined>>,
) {
  const kept: Record<string, string> = {}
  for (const name of names) {
    const value = headers[name]
    if (value !== undefined) kept[name] = String(value)
  }
  return kept
}
