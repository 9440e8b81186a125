import type { Drawn } from '../drawing/sheet.ts'

/** What a labeller says to an image. */
export type Given = { readonly taskId: string; readonly itemId: string } & (
  { readonly annotations: readonly Drawn[] } | { readonly skipReason: string }
)

export type Answer = Given & {
  /** Orders the answers, and tells one from a later one to the same image; about the milliseconds since 1970. */
  readonly at: number
}

export interface RefusedAnswer {
  readonly answer: Answer
  readonly error: unknown
}

export interface OutboxState {
  /** Not known to have arrived, the oldest first. */
  readonly waiting: readonly Answer[]
  readonly refused: readonly RefusedAnswer[]
  /** Whether the newest attempt did not reach the platform. */
  readonly isCutOff: boolean
}

export type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>

const firstPauseMs = 500
const longestPauseMs = 10_000

/**
 * Answers on their way: each is kept in the browser before it is sent and until the platform has it, so that neither a lost
 * connection nor a closed page loses one. They go one by one, in order; the platform takes the same answer twice as once.
 */
export class Outbox {
  state: OutboxState
  private readonly listeners = new Set<() => void>()
  private readonly arrivals = new Map<string, number>()
  private isSending = false
  private latestAt: number
  private pauseMs = firstPauseMs
  private timer: ReturnType<typeof setTimeout> | undefined

  /**
   * @param owner answers of another user in the same browser are left alone
   * @param send takes an answer to the platform; throws when it did not arrive or was refused
   * @param isFinal whether an error of `send` is a refusal, which trying again does not change
   */
  constructor(
    private readonly shelf: Shelf,
    private readonly owner: string,
    private readonly send: (answer: Answer) => Promise<void>,
    private readonly isFinal: (error: unknown) => boolean,
  ) {
    this.state = { waiting: this.kept(), refused: [], isCutOff: false }
    this.latestAt = this.state.waiting.at(-1)?.at ?? 0
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Keeps an answer and sends it behind those before it. */
  put(given: Given): void {
    // two answers can come within a millisecond, and clocks are set back
    this.latestAt = Math.max(Date.now(), this.latestAt + 1)
    const answer: Answer = { ...given, at: this.latestAt }
    this.shelf.setItem(this.keyOf(answer), JSON.stringify(answer))
    this.become({
      waiting: this.kept(),
      refused: this.state.refused.filter((one) => one.answer.itemId !== answer.itemId),
    })
    void this.sendAll()
  }

  /** Tries again now: the connection may be back. */
  wake = (): void => {
    clearTimeout(this.timer)
    this.pauseMs = firstPauseMs
    void this.sendAll()
  }

  isWaiting(itemId: string): boolean {
    return this.state.waiting.some((answer) => answer.itemId === itemId)
  }

  /** When the platform took an answer to the image, on the clock of performance.now(). */
  arrivedAt(itemId: string): number | undefined {
    return this.arrivals.get(itemId)
  }

  /** The labeller has read why it was refused. */
  forgetRefused(itemId: string): void {
    this.become({ refused: this.state.refused.filter(({ answer }) => answer.itemId !== itemId) })
  }

  private async sendAll(): Promise<void> {
    if (this.isSending) return
    this.isSending = true
    let next: Answer | undefined
    while ((next = this.state.waiting[0])) if (!(await this.sendOne(next))) break
    this.isSending = false
  }

  /** @returns whether the next may go */
  private async sendOne(answer: Answer): Promise<boolean> {
    try {
      await this.send(answer)
    } catch (error) {
      if (this.isFinal(error)) {
        this.take(answer)
        this.become({ refused: [...this.state.refused, { answer, error }], isCutOff: false })
        return true
      }
      this.become({ isCutOff: true })
      this.timer = setTimeout(() => void this.sendAll(), this.pauseMs)
      this.pauseMs = Math.min(this.pauseMs * 2, longestPauseMs)
      return false
    }
    this.arrivals.set(answer.itemId, performance.now())
    this.pauseMs = firstPauseMs
    this.take(answer)
    this.become({ isCutOff: false })
    return true
  }

  /** Off the shelf, unless a newer answer to the same image lies there. */
  private take(answer: Answer): void {
    const key = this.keyOf(answer)
    const kept = parsed(this.shelf.getItem(key))
    if (!kept || kept.at === answer.at) this.shelf.removeItem(key)
    this.become({ waiting: this.kept() })
  }

  private kept(): Answer[] {
    const keys = Array.from({ length: this.shelf.length }, (_, index) => this.shelf.key(index) ?? '')
    return keys
      .filter((key) => key.startsWith(this.prefix))
      .flatMap((key) => parsed(this.shelf.getItem(key)) ?? [])
      .sort((one, other) => one.at - other.at)
  }

  private get prefix(): string {
    return `ymir.answer.${this.owner}.`
  }

  private keyOf({ itemId }: Answer): string {
    return this.prefix + itemId
  }

  private become(change: Partial<OutboxState>): void {
    this.state = { ...this.state, ...change }
    this.listeners.forEach((listener) => listener())
  }
}

function parsed(text: string | null): Answer | undefined {
  return text === null ? undefined : (JSON.parse(text) as Answer) // written by `put`
}
