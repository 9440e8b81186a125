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
  query LogOfJob($id: ID!, $offset: Float!, $stream: LogStream) {
    job(id: $id) {
      state
      log(offset: $offset, limit: 65536, stream: $stream) {
        text
        pieces {
          stream
          offset
          text
        }
        offset
        nextOffset
      }
    }
  }
`

interface LogPart {
  readonly text: string
  readonly pieces: readonly { readonly stream: string; readonly offset: number; readonly text: string }[]
  readonly offset: number
  readonly nextOffset: number
}

interface LogNow {
  readonly state: string
  readonly log: LogPart
}

/** Bytes of the log that the client has. */
const cursor = cursors('jobLog', z.object({ offset: z.int().nonnegative() }))

/**
 * A job's log from its start or a cursor on, whole and in order, or what one stream has in it; ends behind the last line
 * of a job that ended. Live text comes from telemetry; what a gap there or a slow client missed is read from the job.
 */
export async function* jobLog({
  id,
  after,
  stream,
  context,
  signal,
}: Following & { readonly stream?: string | null }): AsyncGenerator<Update> {
  const topic = { entityId: id }
  const { facts, news } = context
  let offset = after ? cursor.read(id, after).offset : 0
  const factReader = facts.read(topic, await facts.now())
  const newsReader = news.read(topic)
  const bell = new Bell()
  const stopListening = [facts.listen(topic, bell.ring), news.listen(topic, bell.ring)]
  signal.addEventListener('abort', bell.ring)
  const tell = ({ text, pieces, offset: from, nextOffset }: LogPart): Update => ({
    key: `jobLog ${id} ${stream ?? ''} ${from} ${nextOffset}`,
    cursor: () => cursor.write(id, { offset: nextOffset }),
    text,
    pieces,
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
      const parts = events.flatMap((event) => partOf(event) ?? [])
      mustRead ||= lost || parts.some((part) => part.offset > offset)

      let hasEnded = false
      while (mustRead && !signal.aborted) {
        const { state, log } = await readJob<LogNow>(logQuery, { id, offset, stream }, context)
        hasEnded = isFinal(state)
        mustRead = log.nextOffset > offset
        offset = Math.max(offset, log.nextOffset)
        if ((mustRead && log.text) || isFirst) yield tell(log)
        isFirst = false
      }
      for (const part of parts) {
        if (part.offset !== offset) {
          mustRead ||= part.nextOffset > offset
          continue
        }
        offset = part.nextOffset
        if (!stream || part.pieces[0]?.stream === stream) yield tell(part)
      }
      if (hasEnded) return
      if (!mustRead) await bell.rings()
    }
  } finally {
    for (const stop of stopListening) stop()
    signal.removeEventListener('abort', bell.ring)
  }
}

/** What an event has of the log; undefined for other events. An earlier release told neither stream nor end. */
function partOf(event: FeedEvent): LogPart | undefined {
  const written = decoded(event, JobLogWrittenSchema)
  if (!written) return undefined
  const { text } = written
  const offset = Number(written.offset)
  const nextOffset = Number(written.nextOffset) || offset + Buffer.byteLength(text)
  return { text, pieces: [{ stream: written.stream || 'STDOUT', offset, text }], offset, nextOffset }
}

function isFinal(state: string): boolean {
  const ranks: Readonly<Record<string, number>> = jobRanks
  return ranks[state] === jobRanks.SUCCEEDED
}
