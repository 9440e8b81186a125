import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { unauthenticated } from '../caller/authenticator.ts'
import type { Graph } from '../graph/graph.ts'

/** A call says little: what is new is asked of the tool. */
const mostBytes = 256 * 1_024

const tools = {
  'label-studio': { tool: 'LABEL_STUDIO', header: 'x-ymir-secret' },
  cvat: { tool: 'CVAT', header: 'x-signature-256' },
} as const

const Path = z.object({
  vendorId: z.string().max(100),
  name: z.enum(Object.keys(tools) as [keyof typeof tools, ...(keyof typeof tools)[]]), // keys of the object above
})

/** The door for labelling tools that say that something is new (docs/vendors.md); whether it is the tool, labeling tells. */
export function toolRoutes(app: FastifyInstance, { graph }: { readonly graph: Pick<Graph, 'query'> }): void {
  app.post('/vendor/connectors/:vendorId/:name', { bodyLimit: mostBytes }, async (request, reply) => {
    const path = Path.safeParse(request.params)
    if (!path.success) throw unknown()
    const { vendorId, name } = path.data
    const { tool, header } = tools[name]
    const proof = request.headers[header]
    if (typeof proof !== 'string' || proof.length > 200) throw unknown()
    const body = (request.rawBody ?? Buffer.alloc(0)).toString('base64')
    const { hearTool } = await graph.query<{ hearTool: { isHeard: boolean } }>(
      hearMutation,
      { input: { vendorId, tool, proof, body } },
      { caller: { kind: 'service', name: 'gateway' } },
    )
    if (!hearTool.isHeard) throw unknown()
    return reply.code(202).send()
  })
}

/** The same for a wrong proof and for a vendor that there is not. */
function unknown() {
  return unauthenticated('this is for the labelling tools of vendors, which prove who they are')
}

const hearMutation = /* GraphQL */ `
  mutation HearTool($input: HearToolInput!) {
    hearTool(input: $input) {
      isHeard
    }
  }
`
