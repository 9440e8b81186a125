import { isIP } from 'node:net'
import { isPublicAddress, lookupOnly, NotReachable } from '@ymir/service'
import { Agent, request, type Dispatcher } from 'undici'

const patienceMs = 15_000

/** What is asked of somebody outside. */
export interface Outgoing {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Dispatcher.DispatchOptions['body']
  /** How long the whole may take, the answer's body included. */
  readonly patienceMs: number
  /** Ends it before. */
  readonly signal?: AbortSignal | undefined
}

/**
 * HTTP to addresses that somebody outside has named: of the public Internet only, unless private ones are allowed.
 * Redirects are not followed.
 */
export class Outward {
  private readonly agent: Agent
  private readonly mayReach: (address: string) => boolean

  constructor({ allowPrivateUrls }: { readonly allowPrivateUrls: boolean }) {
    this.mayReach = allowPrivateUrls ? () => true : isPublicAddress
    this.agent = new Agent({
      headersTimeout: 4 * patienceMs, // a tool may work for a while on what it was sent
      bodyTimeout: patienceMs,
      connect: { timeout: patienceMs, lookup: lookupOnly(this.mayReach) },
    })
  }

  /** @throws Error when there is no answer; `reasonOf` says why in words. Whoever calls reads the body, or dumps it. */
  async send(
    url: string,
    { method, headers, body, patienceMs: total, signal }: Outgoing,
  ): Promise<Dispatcher.ResponseData> {
    const host = new URL(url).hostname.replace(/^\[|\]$/g, '')
    if (isIP(host) && !this.mayReach(host)) throw new NotReachable(host) // a literal address is never looked up
    return request(url, {
      method,
      body,
      headers: { ...headers, 'user-agent': 'YMIR' },
      dispatcher: this.agent,
      signal: AbortSignal.any([AbortSignal.timeout(total), ...(signal ? [signal] : [])]),
    })
  }

  close(): Promise<void> {
    return this.agent.destroy()
  }
}

/** Why somebody outside could not be asked, and what to do. */
export function reasonOf(error: unknown): string {
  if (error instanceof NotReachable)
    return `${error.message}: whoever runs this platform may allow it with YMIR_VENDOR_PRIVATE_URLS=1`
  return `cannot be reached (${error instanceof Error ? error.message : String(error)})`
}

/** @returns the address as it is used; undefined when it is none, not http or https, or has a name and password in it */
export function httpAddress(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url && ['http:', 'https:'].includes(url.protocol) && !url.username && !url.password ? url : undefined
}
