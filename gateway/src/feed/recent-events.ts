import type { FeedEvent } from '@ymir/bus'

export interface Room {
  readonly events: number
  readonly bytes: number
}

/** What someone follows: one entity, or everything of a project. */
export type Topic = { readonly entityId: string } | { readonly projectId: string }

const defaultRoom: Room = { events: 20_000, bytes: 32 * 1024 * 1024 }

interface Listeners {
  readonly wakes: Set<() => void>
  /** Everything of the topic after this sequence is here. */
  floor: number
}

/**
 * The newest events of one life of a stream, within bounds, found by topic. All subscriptions of the process read from
 * here, each at its own pace, so a slow one costs no memory.
 */
export class RecentEvents {
  /** Everything after this sequence is here. */
  floor = 0
  /** What is not here happened up to this time, in Unix milliseconds. */
  floorTime = -Infinity
  /** The newest sequence heard. */
  end = 0
  private bytes = 0
  private oldest = 0
  private events: FeedEvent[] = []
  private readonly byKey = new Map<string, FeedEvent[]>()
  private readonly listeners = new Map<string, Listeners>()

  constructor(private readonly room: Room = defaultRoom) {}

  /** Forgets everything; what comes has higher sequences than this one. */
  restart(sequence: number): void {
    this.events = []
    this.oldest = 0
    this.bytes = 0
    this.byKey.clear()
    this.floor = this.end = sequence
    this.floorTime = sequence === 0 ? -Infinity : Date.now()
    for (const listeners of this.listeners.values()) {
      listeners.floor = sequence
      for (const wake of listeners.wakes) wake()
    }
  }

  add(event: FeedEvent): void {
    this.events.push(event)
    this.bytes += event.bytes
    this.end = event.sequence
    for (const key of keysOf(event)) {
      const found = this.byKey.get(key)
      if (found) found.push(event)
      else this.byKey.set(key, [event])
    }
    this.makeRoom()
    for (const key of keysOf(event)) for (const wake of this.listeners.get(key)?.wakes ?? []) wake()
  }

  /** The first event of a topic after a sequence. */
  after(topic: Topic, sequence: number): FeedEvent | undefined {
    const events = this.byKey.get(keyOf(topic))
    if (!events || (events.at(-1)?.sequence ?? 0) <= sequence) return undefined
    let low = 0
    let high = events.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((events[middle]?.sequence ?? 0) > sequence) high = middle
      else low = middle + 1
    }
    return events[low]
  }

  /** Calls `wake` after each event of a topic and at a restart; returns how to stop that. */
  listen(topic: Topic, wake: () => void): () => void {
    const key = keyOf(topic)
    const listeners = this.listeners.get(key) ?? { wakes: new Set(), floor: this.floor }
    this.listeners.set(key, listeners)
    listeners.wakes.add(wake)
    return () => {
      listeners.wakes.delete(wake)
      if (listeners.wakes.size === 0) this.listeners.delete(key)
    }
  }

  /** Everything of a topic after this sequence is here; for one that is listened to, others' haste does not count. */
  floorOf(topic: Topic): number {
    return this.listeners.get(keyOf(topic))?.floor ?? this.floor
  }

  private makeRoom(): void {
    while (this.events.length - this.oldest > this.room.events || this.bytes > this.room.bytes) {
      const event = this.events[this.oldest++]
      if (!event) break
      this.floor = event.sequence
      this.floorTime = Math.max(this.floorTime, Date.parse(event.envelope.time))
      this.bytes -= event.bytes
      for (const key of keysOf(event)) {
        const listeners = this.listeners.get(key)
        if (listeners) listeners.floor = event.sequence
        const events = this.byKey.get(key)
        events?.shift() // events leave in the order in which they came, so it is the first
        if (events?.length === 0) this.byKey.delete(key)
      }
    }
    if (this.oldest > 1_024 && this.oldest * 2 > this.events.length) {
      this.events = this.events.slice(this.oldest)
      this.oldest = 0
    }
  }
}

function keyOf(topic: Topic): string {
  return 'entityId' in topic ? `entity ${topic.entityId}` : `project ${topic.projectId}`
}

function keysOf({ envelope: { subject, projectId } }: FeedEvent): [string, string] {
  return [`entity ${subject}`, `project ${projectId}`]
}
