import { openEventFeed, TELEMETRY_STREAM, type EventFeed, type FeedEvent } from '@ymir/bus'
import { RecentEvents, type Room, type Topic } from './recent-events.ts'

/** Reads the news of one topic. */
export interface NewsReader {
  /**
   * What came since the last call, oldest first; and whether some was or may have been lost before it: then the graph
   * has the whole state.
   */
  take(): { readonly events: readonly FeedEvent[]; readonly lost: boolean }
}

/** How things go: telemetry, which may be lost. The newest is in memory; who falls behind that asks the graph. */
const room: Room = { events: 5_000, bytes: 8 * 1024 * 1024 }

export class News {
  private readonly recent: RecentEvents
  private readonly feed: EventFeed
  /** Grows whenever something may have been lost for everyone. */
  private losses = 0

  constructor({ natsUrl }: { natsUrl: string }) {
    this.recent = new RecentEvents(room)
    let isFirst = true
    this.feed = openEventFeed({
      natsUrl,
      reader: 'gateway news',
      stream: TELEMETRY_STREAM,
      onLife: ({ lastSequence }) => {
        this.losses++
        this.recent.restart(isFirst ? lastSequence : 0)
        isFirst = false
      },
      onEvent: (event) => this.recent.add(event),
      onLoss: () => this.losses++,
    })
  }

  /** From now on. */
  read(topic: Topic): NewsReader {
    let sequence = this.recent.end
    let losses = this.losses
    return {
      take: () => {
        const lost = losses !== this.losses || sequence < this.recent.floorOf(topic)
        if (lost) sequence = this.recent.floorOf(topic)
        losses = this.losses
        const events: FeedEvent[] = []
        for (
          let event = this.recent.after(topic, sequence);
          event;
          event = this.recent.after(topic, sequence)
        ) {
          events.push(event)
          sequence = event.sequence
        }
        sequence = this.recent.end
        return { events, lost }
      },
    }
  }

  listen(topic: Topic, wake: () => void): () => void {
    return this.recent.listen(topic, wake)
  }

  stop(): Promise<void> {
    return this.feed.stop()
  }
}
