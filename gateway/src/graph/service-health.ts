import type { FastifyInstance } from 'fastify'
import { DomainError } from '@ymir/graphql'
import type { Edge } from '../caller/edge.ts'
import type { Service } from './service.ts'

/** How a service is, as the gateway sees it. */
export interface ServiceHealth {
  readonly name: string
  readonly state: 'UP' | 'DOWN'
  /** Milliseconds to its answer; absent when it gave none. */
  readonly answerMs?: number
  /** Since its process began; absent when it does not tell. */
  readonly uptimeSeconds?: number
}

/** How long a service that does not answer holds up the others' health. */
const patienceMs = 3_000

/** GET /health/services: each service by name, for administrators. Asks all at once, whatever state they are in. */
export function healthRoutes(app: FastifyInstance, edge: Edge, services: ReadonlyMap<string, Service>): void {
  app.get('/health/services', async (request) => {
    // a page's own GET bears no origin that would let its cookie count; this only reads
    const caller = await edge.readerOf(request)
    if (caller.kind === 'nobody') throw new DomainError('UNAUTHENTICATED', 'sign in first')
    if (caller.kind !== 'user' || caller.role !== 'ADMINISTRATOR')
      throw new DomainError('FORBIDDEN', 'only administrators may do this')
    const ordered = [...services.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
    return { services: await Promise.all(ordered.map(healthOf)) }
  })
}

async function healthOf(service: Service): Promise<ServiceHealth> {
  const { name } = service
  const asked = performance.now()
  const told = await service.health(AbortSignal.timeout(patienceMs))
  if (!told) return { name, state: 'DOWN' }
  const answerMs = Math.round(performance.now() - asked)
  const { uptimeSeconds } = told
  return { name, state: 'UP', answerMs, ...(uptimeSeconds === undefined ? {} : { uptimeSeconds }) }
}
