import { reasonOf, type Outward } from './outward.ts'

const patienceMs = 15_000

/** What came of a try. */
export interface Tried {
  /** HTTP status, if there was an answer. */
  readonly status: number | null
  /** Null: it arrived. */
  readonly problem: string | null
}

/** Posts webhooks. */
export class WebhookSender {
  constructor(private readonly outward: Pick<Outward, 'send'>) {}

  async post(url: string, body: string, headers: Readonly<Record<string, string>>): Promise<Tried> {
    try {
      const sent = await this.outward.send(url, { method: 'POST', body, headers, patienceMs })
      const { statusCode: status, body: answer } = sent
      await answer.dump({ limit: 64 * 1_024 }).catch(() => {})
      const problem = status >= 200 && status < 300 ? null : `answered with status ${status}`
      return { status, problem }
    } catch (error) {
      return { status: null, problem: reasonOf(error) }
    }
  }
}
