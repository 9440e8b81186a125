import { Pool } from 'undici'
import { DomainError } from './errors.ts'
import { CALLER_HEADER, signIdentity } from './identity.ts'

interface Answer {
  data?: unknown
  errors?: { message: string; extensions?: Record<string, unknown> }[]
}

const path = '/graphql'

/** The federated graph as a service sees it: asked through the gateway, as the service itself. */
export class GraphClient {
  private readonly pool: Pool

  constructor(private readonly options: { gatewayUrl: string; secret: string; service: string }) {
    this.pool = new Pool(options.gatewayUrl, { connections: 8, headersTimeout: 30_000, bodyTimeout: 30_000 })
  }

  /**
   * @param document one operation; keep its text the same and put what changes into variables
   * @throws DomainError with the code of the first error; SERVICE_UNAVAILABLE when the gateway does not answer
   */
  async query<T>(document: string, variables: Readonly<Record<string, unknown>> = {}): Promise<T> {
    const body = JSON.stringify({ query: document, variables })
    const caller = { kind: 'service', name: this.options.service } as const
    const signature = signIdentity(caller, { method: 'POST', path, body }, this.options.secret)
    const headers = { 'content-type': 'application/json', [CALLER_HEADER]: signature }
    let answer: Answer
    try {
      const response = await this.pool.request({ method: 'POST', path, headers, body })
      answer = (await response.body.json()) as Answer // GraphQL over HTTP
    } catch (error) {
      throw new DomainError('SERVICE_UNAVAILABLE', `the gateway does not answer: ${String(error)}`)
    }
    const problem = answer.errors?.[0]
    if (problem)
      throw new DomainError(
        String(problem.extensions?.code ?? 'INTERNAL'),
        problem.message,
        problem.extensions,
      )
    return answer.data as T // the document, which the caller wrote, gives the shape
  }

  close(): Promise<void> {
    return this.pool.close()
  }
}
