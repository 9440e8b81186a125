import type { FeedEvent } from '@ymir/bus'
import { JobLogWrittenSchema, JobStateChangedSchema } from '@ymir/proto-events'
import { z } from 'zod'
import { decoded } from '../feed/decoded.ts'
import { Bell } from './bell.ts'
import type { Following, Update } from './context.ts'
import { cursors } from './cursor.ts'
import { jobRanks } from './job-progress.ts'
import { readJob } from './read-job.ts'

const logQuery = /* GraphQL */ `
  query LogOfJob($id: ID!, $offset: Float!) {
    job(id: $id) {
      state
      log(offset: $offset, limit: 65536) {
        text
        offset
        nextOffset
      }
    }
  }
`

interface LogNow {
  readonly state: string
  readonly log: { readonly text: string; readonly offset: number; readonly nextOffset: number }
}

/** Bytes of the log that the client has. */
const cursor = cursors('jobLog', z.object({ offset: z.int().nonnegative() }))

/**
 * A job's log from its start or a cursor on, whole and in order; ends behind the last line of a job that ended. Live
 * text comes from telemetry; what a gap there or a slow client missed is read from the job.
 */
export async function* jobLog({ id, after, context, signal }: Following): AsyncGenerator<Update> {
  const topic = { entityId: id }
  const { facts, news } = context
  let offset = after ? cursor.read(id, after).offset : 0
  const factReader = facts.read(topic, await facts.now())
  const newsReader = news.read(topic)
  const bell = new Bell()
  const stopListening = [facts.listen(topic, bell.ring), news.listen(topic, bell.ring)]
  signal.addEventListener('abort', bell.ring)
  const tell = (text: string, from: number, nextOffset: number): Update => ({
    key: `jobLog ${id} ${from} ${nextOffset}`,
    cursor: () => cursor.write(id, { offset: nextOffset }),
    text,
    offset: from,
    nextOffset,
  })

  try {
    let mustRead = true
    let isFirst = !after
    while (!signal.aborted) {
      for (let fact = await factReader.next(); fact; fact = await factReader.next())
        mustRead ||= isFinal(decoded(fact, JobStateChangedSchema)?.to ?? '')
      const { events, lost } = newsReader.take()
      mustRead ||= lost || events.some((event) => startOf(event) > offset)

      let hasEnded = false
      while (mustRead && !signal.aborted) {
        const { state, log } = await readJob<LogNow>(logQuery, { id, offset }, context)
        hasEnded = isFinal(state)
        mustRead = log.nextOffset > offset
        offset = Math.max(offset, log.nextOffset)
        if (mustRead || isFirst) yield tell(log.text, log.offset, log.nextOffset)
        isFirst = false
      }
      for (const event of events) {
        const bytes = Buffer.from(decoded(event, JobLogWrittenSchema)?.text ?? '')
        const start = startOf(event)
        if (start > offset || start + bytes.length <= offset) continue
        const text = bytes.subarray(offset - start).toString()
        const from = offset
        offset = start + bytes.length
        yield tell(text, from, offset)
      }
      if (hasEnded) return
      await bell.rings()
    }
  } finally {
    for (const stop of stopListening) stop()
    signal.removeEventListener('abort', bell.ring)
  }
}

/** Where the text of an event starts in the log, in bytes; -1 for other events. */
function startOf(event: FeedEvent): number {
  return Number(decoded(event, JobLogWrittenSchema)?.offset ?? -1)
}

function isFinal(state: string): boolean {
  const ranks: Readonly<Record<string, number>> = jobRanks
  return ranks[state] === jobRanks.SUCCEEDED
}
