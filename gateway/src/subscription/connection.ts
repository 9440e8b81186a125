import type { UserCaller } from '@ymir/graphql'
import type { Authenticator } from '../caller/authenticator.ts'
import type { Graph } from '../graph/graph.ts'
import { publicError } from '../graph/errors.ts'
import type { GraphContext } from '../graph/service.ts'
import type { Subscriber } from './context.ts'
import type { UpdateStream } from './update-stream.ts'

const checkEveryMs = 60_000

export interface ConnectionOptions {
  readonly token: string
  readonly authenticator: Authenticator
  readonly graph: Pick<Graph, 'query'>
  /** Ends the connection because the token is void. */
  readonly close: () => void
}

/**
 * Someone's open connection. Rights are not for ever: the token is checked again every minute, when it expires and when
 * the user's memberships change; a subscription whose right is gone ends with the graph's own error.
 */
export class Connection implements Subscriber {
  private caller: UserCaller | undefined
  private knownRights = ''
  private timer: NodeJS.Timeout | undefined
  private hasEnded = false
  private readonly streams = new Set<UpdateStream<unknown>>()

  constructor(private readonly options: ConnectionOptions) {}

  /**
   * @returns whether the token is good
   * @throws GraphQLError SERVICE_UNAVAILABLE
   */
  async authenticate(): Promise<boolean> {
    const found = await this.options.authenticator.whoHas(this.options.token)
    if (!found) return false
    this.caller = found.caller
    this.knownRights = JSON.stringify(found.caller)
    this.checkAgainIn(Math.min(checkEveryMs, Math.max(0, found.expiresAt - Date.now())))
    return true
  }

  get userId(): string | undefined {
    return this.caller?.userId
  }

  context(): GraphContext {
    return { caller: this.caller ?? { kind: 'nobody' } }
  }

  rights(): string {
    return this.knownRights
  }

  /** Keeps a subscription to end it when its right is gone; returns how to forget it. */
  keep(stream: UpdateStream<unknown>): () => void {
    this.streams.add(stream)
    return () => this.streams.delete(stream)
  }

  /** Checks the token, and the subscriptions if the user's rights changed. */
  async check(): Promise<void> {
    const before = this.knownRights
    try {
      if (!(await this.authenticate())) return this.options.close()
    } catch {
      return this.checkAgainIn(checkEveryMs) // identity is away: nothing is known to have changed
    }
    if (this.knownRights !== before)
      await Promise.all([...this.streams].map((stream) => this.checkStream(stream)))
  }

  end(): void {
    this.hasEnded = true
    clearTimeout(this.timer)
  }

  private async checkStream(stream: UpdateStream<unknown>): Promise<void> {
    const { query, id } = stream.followed
    const text = `query StillAllowed($id: ID!) { ${query}(id: $id) { id } }`
    try {
      await this.options.graph.query(text, { id }, this.context())
    } catch (error) {
      const reason = publicError(error)
      if (reason.extensions.code !== 'SERVICE_UNAVAILABLE') stream.fail(reason)
    }
  }

  private checkAgainIn(milliseconds: number): void {
    clearTimeout(this.timer)
    if (this.hasEnded) return // while the token was looked up
    this.timer = setTimeout(() => void this.check(), milliseconds)
  }
}
