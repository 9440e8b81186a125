import type { FeedEvent } from '@ymir/bus'

/** The newest event heard of a source: its time in Unix milliseconds, and the ids of that source's events of that very time. */
export type Mark = readonly [time: number, ...ids: readonly string[]]
/** By source, e.g. `/ymir/executor`: each source's events come in the order of its outbox. */
export type Marks = Readonly<Record<string, Mark>>

/**
 * How far someone has read the events stream. Within one life of the stream the sequence says it all. When nats-server
 * lost its files, the services publish again what their outboxes hold, in another mix and under new sequences; then the
 * marks tell what was heard before.
 */
export interface Position {
  readonly life: string
  readonly sequence: number
  /** Unix milliseconds at which reading began: what a source without a mark said earlier was not asked for. */
  readonly since: number
  readonly marks: Marks
  /** Marks as they were when the present life began, if reading began in an earlier one: what they cover is skipped. */
  readonly heard?: Marks
}

export function begin(life: string, sequence: number, since: number): Position {
  return { life, sequence, since, marks: {} }
}

/** The position behind an event. */
export function behind(position: Position, { sequence, envelope }: FeedEvent): Position {
  const time = Date.parse(envelope.time)
  const [newest = -Infinity, ...ids] = position.marks[envelope.source] ?? []
  if (time < newest) return { ...position, sequence }
  const mark: Mark = time === newest ? [time, ...ids, shortId(envelope.id)] : [time, shortId(envelope.id)]
  return { ...position, sequence, marks: { ...position.marks, [envelope.source]: mark } }
}

/** The same reader at the start of another life of the stream. */
export function inLife(position: Position, life: string): Position {
  return { ...position, life, sequence: 0, heard: position.marks }
}

/** Equal for readers who skip the same of the present life: their positions behind one event are good for each other. */
export function livesOf({ life, heard }: Position): string {
  return heard ? `${life} ${JSON.stringify(heard)}` : life
}

/** Whether an event was heard in an earlier life of the stream, or before reading began. */
export function isHeard(position: Position, { envelope }: FeedEvent): boolean {
  if (!position.heard) return false
  const time = Date.parse(envelope.time)
  const [newest, ...ids] = position.heard[envelope.source] ?? [position.since]
  return time < newest || (time === newest && ids.includes(shortId(envelope.id)))
}

/** Enough to tell apart the events of one source and one millisecond. */
function shortId(id: string): string {
  return id.slice(0, 8)
}
