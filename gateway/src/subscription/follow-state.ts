import type { FeedEvent } from '@ymir/bus'
import { z } from 'zod'
import { Bell } from './bell.ts'
import type { Following, SubscriptionContext, Update } from './context.ts'
import { cursors, positionShape } from './cursor.ts'

/** How a job, an import or a labelling task goes, as the graph and the events tell it. */
export interface View {
  readonly state: string
  /** Where it may begin again from its first state: the higher, the later. */
  readonly attempt?: number
}

/** Something that goes through states, with progress between them. */
export interface Course<V extends View> {
  /** Name of the subscription. */
  readonly subscription: string
  /** States in order; those of the highest rank are final. Within an attempt a state never goes back. */
  readonly ranks: Readonly<Record<string, number>>
  /** How it is now, for this subscriber; throws what the graph says when it is not there or not theirs. */
  read(id: string, context: SubscriptionContext): Promise<V>
  /** The view after an event that changes the state, or undefined for another event. */
  changed(view: V, event: FeedEvent): V | undefined
  /** The view after an event that tells of progress; the same view when there is none in it. */
  progressed(view: V, event: FeedEvent): V
  /** How far it is, as one number. */
  amount(view: V): number
  /** The view with what changes in a state beside the amount, as the graph says it is now; the same view when nothing did. */
  caughtUp?(view: V, now: V): V
  /** The view that a client had. */
  rewound(view: V, had: { readonly state: string; readonly amount: number; readonly attempt: number }): V
  /** Fields of the payload. */
  fields(id: string, view: V): Readonly<Record<string, unknown>>
}

const cursorShape = z.object({
  position: positionShape,
  state: z.string(),
  amount: z.number(),
  attempt: z.number().default(1),
})

/**
 * Snapshot, then stream, until a final state. Every change of state is told, in order; of progress only the newest when
 * the client is slower than it comes. Nothing is queued for the client: it is read when the client takes it.
 */
export async function* followState<V extends View>(
  course: Course<V>,
  { id, after, context, signal }: Following,
): AsyncGenerator<Update> {
  const { facts, news } = context
  const cursor = cursors(course.subscription, cursorShape)
  const finalRank = Math.max(...Object.values(course.ranks))
  const rankOf = ({ state, attempt = 1 }: View) => attempt * (finalRank + 1) + (course.ranks[state] ?? 0)
  const isFinal = ({ state }: V) => course.ranks[state] === finalRank

  const had = after ? cursor.read(id, after) : undefined
  const resumes = had && (await facts.canResume(had.position)) ? had : undefined
  // before the snapshot is read, so that nothing falls between the two
  const factReader = facts.read({ entityId: id }, resumes?.position ?? (await facts.now()))
  const newsReader = news.read({ entityId: id })
  const bell = new Bell()
  const stopListening = [facts.listen({ entityId: id }, bell.ring), news.listen({ entityId: id }, bell.ring)]
  signal.addEventListener('abort', bell.ring)

  const tell = (view: V): Update => {
    const { position } = factReader
    return {
      ...course.fields(id, view),
      key: `${course.subscription} ${id} ${JSON.stringify(view)}`,
      cursor: () => {
        const { state, attempt = 1 } = view
        return cursor.write(id, { position, state, amount: course.amount(view), attempt })
      },
    }
  }

  try {
    const snapshot = await course.read(id, context)
    let view = resumes ? course.rewound(snapshot, resumes) : snapshot
    if (!resumes) yield tell(view)
    let mayHaveMissed = resumes !== undefined
    let isTold = true

    while (!isFinal(view) && !signal.aborted) {
      for (let fact = await factReader.next(); fact && !signal.aborted; fact = await factReader.next()) {
        const changed = course.changed(view, fact)
        if (changed && rankOf(changed) > rankOf(view)) {
          view = changed
          isTold = true
          yield tell(view)
          if (isFinal(view)) return
        } else if (!changed) {
          const progressed = course.progressed(view, fact)
          isTold &&= progressed === view
          view = progressed
        }
      }
      const { events, lost } = newsReader.take()
      for (const event of events) {
        const progressed = course.progressed(view, event)
        isTold &&= progressed === view
        view = progressed
      }
      if (lost || mayHaveMissed) {
        mayHaveMissed = false
        const now = await course.read(id, context)
        if (now.state === view.state) {
          const newer = course.amount(now) > course.amount(view) ? now : course.caughtUp?.(view, now)
          isTold &&= (newer ?? view) === view
          view = newer ?? view
        }
      }
      if (isTold) await bell.rings()
      else {
        isTold = true
        yield tell(view)
      }
    }
  } finally {
    for (const stop of stopListening) stop()
    signal.removeEventListener('abort', bell.ring)
  }
}
