import type { Drawn } from '../drawing/sheet.ts'
import type { ItemToLabelFragment } from '../label.generated.ts'
import type { Drafts } from './drafts.ts'
import type { Outbox } from './outbox.ts'

export interface Item extends ItemToLabelFragment {
  /** Where the labeller goes on from. */
  readonly start: readonly Drawn[]
  /** Given back to be answered anew. */
  readonly isAnswered: boolean
}

export interface DeskState {
  /** The first is being labelled, the others are fetched ahead. */
  readonly items: readonly Item[]
  /** `asking`: no answer yet; `given`: all that could be had is here. */
  readonly claim: 'asking' | 'given' | 'failed'
  readonly error: unknown
  /** What was answered last. */
  readonly previous: readonly Drawn[] | undefined
  readonly canGoBack: boolean
}

export interface Claims {
  /** Makes images the caller's, those that they have first. */
  claim(count: number): Promise<readonly ItemToLabelFragment[]>
  release(itemId: string): Promise<void>
  /** Fetches and decodes an image, to be shown at once later. */
  prefetch(url: string): void
}

/** The image in work and the next two. */
const wanted = 3
/** The platform gives no more to one labeller. */
const mostClaimed = 5
const renewEveryMs = 180_000
const retryMs = 2_000

/** The images that lie before a labeller: claimed and fetched ahead, answered one after the other, without waiting. */
export class Desk {
  /** The desk left last gives its images back before another claims: it may get the same ones. */
  private static givingBack: Promise<unknown> = Promise.resolve()

  state: DeskState = {
    items: [],
    claim: 'asking',
    error: undefined,
    previous: undefined,
    canGoBack: false,
  }
  private readonly listeners = new Set<() => void>()
  private readonly answered: Item[] = []
  private readonly begun = new Set<string>()
  private isClaiming = false
  private isAskedAgain = false
  private isOpen = false
  private hasWorked = true
  private retry: ReturnType<typeof setTimeout> | undefined
  private renewal: ReturnType<typeof setInterval> | undefined

  constructor(
    private readonly taskId: string,
    private readonly claims: Claims,
    private readonly outbox: Outbox,
    private readonly drafts: Drafts,
  ) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  open(): void {
    this.isOpen = true
    this.outbox.wake()
    void Desk.givingBack.then(this.fill)
    this.renewal = setInterval(() => this.renew(), renewEveryMs)
  }

  /** Others get the images that were fetched ahead and not begun; what is begun stays. */
  leave(): void {
    this.isOpen = false
    clearTimeout(this.retry)
    clearInterval(this.renewal)
    Desk.givingBack = this.giveBack()
  }

  private async giveBack(): Promise<void> {
    await this.drafts.flush()
    const unbegun = this.state.items.filter(
      ({ id, draft, isAnswered }) =>
        draft === null && !isAnswered && !this.begun.has(id) && !this.drafts.kept(id),
    )
    this.become({ items: this.state.items.filter((item) => !unbegun.includes(item)) })
    // a claim that cannot be given back runs out
    await Promise.allSettled(unbegun.map(({ id }) => this.claims.release(id)))
  }

  /** Keeps what is drawn so far. */
  keep(item: Item, annotations: readonly Drawn[]): void {
    this.hasWorked = true
    this.begun.add(item.id)
    if (!item.isAnswered) this.drafts.keep(item.id, annotations)
  }

  submit(item: Item, annotations: readonly Drawn[]): void {
    this.outbox.put({ taskId: this.taskId, itemId: item.id, annotations })
    this.putAway({ ...item, start: annotations }, annotations)
  }

  skip(item: Item, skipReason: string): void {
    this.outbox.put({ taskId: this.taskId, itemId: item.id, skipReason })
    this.putAway(item, this.state.previous)
  }

  /** Takes the image that was answered last, to answer it anew. */
  goBack(): void {
    const last = this.answered.pop()
    if (!last) return
    const items = this.state.items.filter(({ id }) => id !== last.id)
    this.become({ items: [{ ...last, isAnswered: true }, ...items], canGoBack: this.answered.length > 0 })
  }

  /** Claims until enough lie ahead; asked again, it renews what is claimed. */
  fill = async (): Promise<void> => {
    if (!this.isOpen) return
    if (this.isClaiming) {
      this.isAskedAgain = true
      return
    }
    this.isClaiming = true
    this.isAskedAgain = false
    clearTimeout(this.retry)
    const askedAt = performance.now()
    const onTheWay = this.outbox.state.waiting.filter(({ taskId }) => taskId === this.taskId).length
    try {
      const claimed = await this.claims.claim(Math.min(wanted + onTheWay, mostClaimed))
      this.take(claimed, askedAt)
    } catch (error) {
      this.become({ claim: 'failed', error })
      if (this.isOpen) this.retry = setTimeout(() => void this.fill(), retryMs)
    } finally {
      this.isClaiming = false
    }
    if (this.isAskedAgain) void this.fill()
  }

  private take(claimed: readonly ItemToLabelFragment[], askedAt: number): void {
    const isAnsweredNow = ({ id }: { id: string }) =>
      this.outbox.isWaiting(id) || (this.outbox.arrivedAt(id) ?? -Infinity) >= askedAt
    const { items } = this.state
    const added = claimed.filter((one) => !isAnsweredNow(one) && !items.some(({ id }) => id === one.id))
    for (const { imageUrl } of added) this.claims.prefetch(imageUrl)
    const begun = added.map((item) => ({
      ...item,
      start: this.drafts.kept(item.id) ?? item.draft ?? item.annotations,
      isAnswered: false,
    }))
    this.become({ items: [...items, ...begun], claim: 'given', error: undefined })
    // an answer arrived while the claim was under way: there is room for another
    if (items.length + begun.length < wanted && claimed.length > begun.length + items.length)
      setTimeout(() => void this.fill(), retryMs)
  }

  private putAway(item: Item, previous: readonly Drawn[] | undefined): void {
    this.drafts.forget(item.id)
    this.answered.push(item)
    this.hasWorked = true
    this.become({
      items: this.state.items.filter(({ id }) => id !== item.id),
      previous,
      canGoBack: true,
    })
    void this.fill()
  }

  /** A claim runs out when nobody works on it. */
  private renew(): void {
    if (this.hasWorked) void this.fill()
    this.hasWorked = false
  }

  private become(change: Partial<DeskState>): void {
    this.state = { ...this.state, ...change }
    this.listeners.forEach((listener) => listener())
  }
}
