import { isIP } from 'node:net'
import { isPublicAddress, lookupOnly, NotReachable } from '@ymir/service'
import { Agent, request } from 'undici'

const patienceMs = 15_000

/** What came of a try. */
export interface Tried {
  /** HTTP status, if there was an answer. */
  readonly status: number | null
  /** Null: it arrived. */
  readonly problem: string | null
}

/** Posts webhooks, to addresses of the public Internet only unless private ones are allowed. Redirects are not followed. */
export class WebhookSender {
  private readonly agent: Agent
  private readonly mayReach: (address: string) => boolean

  constructor({ allowPrivateUrls }: { readonly allowPrivateUrls: boolean }) {
    this.mayReach = allowPrivateUrls ? () => true : isPublicAddress
    this.agent = new Agent({
      headersTimeout: patienceMs,
      bodyTimeout: patienceMs,
      connect: { timeout: patienceMs, lookup: lookupOnly(this.mayReach) },
    })
  }

  async post(url: string, body: string, headers: Readonly<Record<string, string>>): Promise<Tried> {
    try {
      const host = new URL(url).hostname.replace(/^\[|\]$/g, '')
      if (isIP(host) && !this.mayReach(host)) throw new NotReachable(host) // a literal address is never looked up
      const { statusCode: status, body: answer } = await request(url, {
        method: 'POST',
        body,
        headers: { ...headers, 'user-agent': 'YMIR' },
        dispatcher: this.agent,
        signal: AbortSignal.timeout(patienceMs),
      })
      await answer.dump({ limit: 64 * 1_024 }).catch(() => {})
      const problem = status >= 200 && status < 300 ? null : `answered with status ${status}`
      return { status, problem }
    } catch (error) {
      return { status: null, problem: reasonOf(error) }
    }
  }

  close(): Promise<void> {
    return this.agent.destroy()
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof NotReachable)
    return `${error.message}: whoever runs this platform may allow it with YMIR_VENDOR_PRIVATE_URLS=1`
  return `cannot be reached (${error instanceof Error ? error.message : String(error)})`
}
