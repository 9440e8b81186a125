import { publicError } from '../graph/errors.ts'

/** What a subscription follows: the graph's query that finds it, and its id. */
export interface Followed {
  readonly query: string
  readonly id: string
}

/**
 * A subscription's payloads, read when the client takes them. Unlike a bare generator it can be ended while it waits for
 * something to happen, by the client or by the gateway with a reason.
 */
export class UpdateStream<Value> implements AsyncIterableIterator<Value> {
  private readonly ending = new AbortController()
  private readonly values: AsyncGenerator<Value>
  private reason: Error | undefined

  constructor(
    readonly followed: Followed,
    start: (followed: Followed, signal: AbortSignal) => AsyncGenerator<Value>,
  ) {
    this.values = start(followed, this.ending.signal)
  }

  async next(): Promise<IteratorResult<Value, undefined>> {
    if (this.ending.signal.aborted) return this.end()
    try {
      const result = await this.values.next()
      return this.ending.signal.aborted || result.done ? await this.end() : result
    } catch (error) {
      throw publicError(this.reason ?? error)
    }
  }

  /** The client has enough. */
  async return(): Promise<IteratorReturnResult<undefined>> {
    this.ending.abort()
    await this.values.return(undefined)
    return { done: true, value: undefined }
  }

  async throw(error: unknown): Promise<IteratorReturnResult<undefined>> {
    this.fail(error instanceof Error ? error : new Error(String(error)))
    return this.end()
  }

  /** Ends the stream; the client is told why. */
  fail(reason: Error): void {
    this.reason ??= reason
    this.ending.abort()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  private async end(): Promise<IteratorReturnResult<undefined>> {
    await this.values.return(undefined)
    const { reason } = this
    this.reason = undefined
    if (reason) throw publicError(reason)
    return { done: true, value: undefined }
  }
}
