import { DomainError } from '@ymir/graphql'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Edge } from '../caller/edge.ts'
import type { Graph } from '../graph/graph.ts'
import type { Service } from '../graph/service.ts'
import { only, passedBack, passedOn } from './file-routes.ts'

interface Parts {
  readonly graph: Pick<Graph, 'query'>
  readonly services: ReadonlyMap<string, Service>
}

interface ItemPath {
  readonly folder: 'assets' | 'thumbnails'
  readonly itemId: string
}

/**
 * GET /files/labelling/{assets,thumbnails}/{item}: images of labelling tasks at paths that do not tell of which version
 * they are, for whoever may see the item.
 */
export function labellingRoutes(
  app: FastifyInstance,
  { edge, ...parts }: Parts & { readonly edge: Edge },
): void {
  for (const folder of ['assets', 'thumbnails'] as const)
    app.get<{ Params: { itemId: string } }>(`/files/labelling/${folder}/:itemId`, async (request, reply) => {
      const { itemId } = request.params
      const caller = await edge.readerOf(request)
      const { labellingItem } = await parts.graph.query<ItemAnswer>(itemQuery, { itemId }, { caller })
      if (!labellingItem)
        throw new DomainError('NOT_FOUND', `there is no labelling item ${itemId}, or you may not see it`)
      return sendItem(request, reply, { folder, itemId }, parts)
    })
}

/** The caller may see this very image, so the gateway fetches it in its own name. */
export async function sendItem(
  { headers, method, url }: FastifyRequest,
  reply: FastifyReply,
  { folder, itemId }: ItemPath,
  { graph, services }: Parts,
): Promise<FastifyReply> {
  const dataset = services.get('dataset')
  if (!dataset) throw new DomainError('SERVICE_UNAVAILABLE', 'there is no dataset service')
  const context = { caller: { kind: 'service', name: 'gateway' } } as const
  const { labellingImage: image } = await graph.query<PlaceAnswer>(placeQuery, { itemId }, context)
  if (!image) throw new DomainError('NOT_FOUND', `there is no labelling item ${itemId}`)
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  const [, size = ''] = /(\?.*)$/.exec(url) ?? []
  const answer = await dataset.file(
    {
      method: method === 'HEAD' ? 'HEAD' : 'GET',
      path: `/files/${folder}/${image.versionId}/${image.assetId}${size}`,
      headers: only(passedOn, headers),
      signal: gone.signal,
    },
    context,
  )
  return reply
    .code(answer.status)
    .headers(only(passedBack, answer.headers))
    .header('content-security-policy', "default-src 'none'; sandbox")
    .send(answer.body)
}

interface ItemAnswer {
  readonly labellingItem: object | null
}
interface PlaceAnswer {
  readonly labellingImage: { readonly versionId: string; readonly assetId: string } | null
}

const itemQuery = /* GraphQL */ `
  query ItemToShow($itemId: ID!) {
    labellingItem(id: $itemId) {
      id
    }
  }
`

const placeQuery = /* GraphQL */ `
  query PlaceOfItem($itemId: ID!) {
    labellingImage(itemId: $itemId) {
      versionId
      assetId
    }
  }
`
