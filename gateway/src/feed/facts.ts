import { EVENTS_STREAM, openEventFeed, type EventFeed, type FeedEvent } from '@ymir/bus'
import { DomainError } from '@ymir/graphql'
import { subjectFilter } from '@ymir/proto-events'
import { begin, behind, inLife, isHeard, type Position } from './position.ts'
import { RecentEvents, type Topic } from './recent-events.ts'

/** Reads the facts of one topic in order, from a position on, as slowly as it likes. */
export interface FactReader {
  /** Behind the last fact that was read. */
  readonly position: Position
  /** The next fact, or undefined when there is none yet. */
  next(): Promise<FeedEvent | undefined>
}

/**
 * What happened: all events that are kept. The newest are in memory, older ones are read from nats-server, so whoever
 * reads at whatever pace misses nothing.
 */
export class Facts {
  private readonly recent = new RecentEvents()
  private readonly feed: EventFeed
  private life = ''
  private readonly begun: Promise<void>

  constructor({ natsUrl, onFact }: { natsUrl: string; onFact?: (fact: FeedEvent) => void }) {
    let begun = () => {}
    this.begun = new Promise((resolve) => (begun = resolve))
    this.feed = openEventFeed({
      natsUrl,
      reader: 'gateway facts',
      stream: EVENTS_STREAM,
      onLife: ({ name, lastSequence }) => {
        this.recent.restart(this.life ? 0 : lastSequence)
        this.life = name
        begun()
      },
      onEvent: (event) => {
        this.recent.add(event)
        onFact?.(event)
      },
    })
  }

  /**
   * The present end.
   * @throws DomainError SERVICE_UNAVAILABLE when nats-server was not reached yet
   */
  async now(): Promise<Position> {
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise((resolve) => (timer = setTimeout(resolve, 5_000)))
    await Promise.race([this.begun, patience])
    clearTimeout(timer)
    if (!this.life) throw unavailable()
    return begin(this.life, this.recent.end, Date.now())
  }

  /** Everything since a time, in Unix milliseconds, that the stream still holds; of a time to come: from now on. */
  async since(time: number): Promise<Position> {
    const now = await this.now()
    if (time >= now.since) return now
    const { floor, floorTime } = this.recent
    // what memory holds whole is not asked of nats-server event by event
    return { ...inLife(begin('', 0, time), now.life), sequence: time > floorTime ? floor : 0 }
  }

  /**
   * Whether a position of an earlier session can be read on from without a gap.
   * @throws DomainError SERVICE_UNAVAILABLE
   */
  async canResume(position: Position): Promise<boolean> {
    await this.now()
    if (position.life !== this.life || position.sequence >= this.recent.floor) return true
    const { firstSequence } = await this.feed.life().catch(() => {
      throw unavailable()
    })
    return position.sequence + 1 >= firstSequence
  }

  read(topic: Topic, from: Position): FactReader {
    const filter = subjectFilter(topic)
    let position = from
    const advance = async (): Promise<FeedEvent | undefined> => {
      for (;;) {
        if (position.life !== this.life) position = inLife(position, this.life)
        // before the question: what comes while it is answered is for the next look
        const { end } = this.recent
        const event = await this.first(topic, filter, position.sequence)
        if (!event) {
          // up to here there was nothing for this topic: do not fall behind what memory holds
          position = { ...position, sequence: Math.max(position.sequence, end) }
          return undefined
        }
        const heard = isHeard(position, event)
        position = behind(position, event)
        if (!heard) return event
      }
    }
    return {
      get position() {
        return position
      },
      next: advance,
    }
  }

  listen(topic: Topic, wake: () => void): () => void {
    return this.recent.listen(topic, wake)
  }

  isConnected(): boolean {
    return this.feed.isConnected()
  }

  stop(): Promise<void> {
    return this.feed.stop()
  }

  private async first(topic: Topic, filter: string, after: number): Promise<FeedEvent | undefined> {
    if (after >= this.recent.floorOf(topic)) return this.recent.after(topic, after)
    const { life } = this
    const older = await this.feed.find(filter, after + 1).catch(() => {
      throw unavailable()
    })
    if (life !== this.life) return undefined // the stream was lost meanwhile: the reader is woken and begins anew
    if (older && older.sequence <= this.recent.end) return older
    return this.recent.after(topic, Math.max(after, this.recent.floorOf(topic)))
  }
}

function unavailable(): DomainError {
  return new DomainError(
    'SERVICE_UNAVAILABLE',
    'the event bus does not answer at the moment; try again in a while',
  )
}
