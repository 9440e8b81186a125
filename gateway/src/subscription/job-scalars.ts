import { JobScalarsLoggedSchema, JobStateChangedSchema } from '@ymir/proto-events'
import { z } from 'zod'
import { decoded } from '../feed/decoded.ts'
import { Bell } from './bell.ts'
import type { Following, Update } from './context.ts'
import { cursors } from './cursor.ts'
import { jobRanks } from './job-progress.ts'
import { readJob } from './read-job.ts'

const scalarsQuery = /* GraphQL */ `
  query ScalarsOfJob($id: ID!, $tags: [String!]) {
    job(id: $id) {
      state
      scalars(tags: $tags) {
        tag
        points {
          step
          value
          wallTime
        }
      }
    }
  }
`

interface LoggedScalar {
  readonly tag: string
  readonly step: number
  readonly value: number
  readonly wallTime: number
}

interface ScalarsNow {
  readonly state: string
  readonly scalars: readonly { readonly tag: string; readonly points: readonly Omit<LoggedScalar, 'tag'>[] }[]
}

/** The last step that the client has of each tag: steps of a tag only grow. */
const cursor = cursors('jobScalars', z.object({ steps: z.record(z.string(), z.number()) }))
const largestPayload = 1_000

/**
 * The numbers that a job logs: all so far, then each as it comes; ends when the job did. A number is told once, known
 * by its tag and step. Live numbers come from telemetry; what a gap there or a slow client missed is read from the job.
 */
export async function* jobScalars({
  id,
  tags,
  after,
  context,
  signal,
}: Following & { readonly tags?: readonly string[] | null }): AsyncGenerator<Update> {
  const topic = { entityId: id }
  const { facts, news } = context
  let steps: Readonly<Record<string, number>> = after ? cursor.read(id, after).steps : {}
  const factReader = facts.read(topic, await facts.now())
  const newsReader = news.read(topic)
  const bell = new Bell()
  const stopListening = [facts.listen(topic, bell.ring), news.listen(topic, bell.ring)]
  signal.addEventListener('abort', bell.ring)

  const isWanted = ({ tag }: LoggedScalar) => !tags || tags.includes(tag)
  const isNew = ({ tag, step }: LoggedScalar) => step > (steps[tag] ?? -Infinity)
  const tell = (scalars: readonly LoggedScalar[]): Update => {
    const behind = { ...steps, ...lastSteps(scalars) }
    steps = behind
    return {
      // the same numbers, and the same had before: a cursor that is shared must be right for all
      key: `jobScalars ${id} ${JSON.stringify([behind, scalars.map(({ tag, step }) => [tag, step])])}`,
      cursor: () => cursor.write(id, { steps: behind }),
      scalars,
    }
  }

  try {
    let mustRead = true
    let isFirst = !after
    while (!signal.aborted) {
      for (let fact = await factReader.next(); fact; fact = await factReader.next())
        mustRead ||= isFinal(decoded(fact, JobStateChangedSchema)?.to ?? '')
      const { events, lost } = newsReader.take()

      let hasEnded = false
      if (mustRead || lost) {
        const { state, scalars } = await readJob<ScalarsNow>(scalarsQuery, { id, tags }, context)
        hasEnded = isFinal(state)
        mustRead = false
        const all = scalars.flatMap(({ tag, points }) => points.map((point) => ({ tag, ...point })))
        const missing = all
          .filter(isNew)
          .sort((one, other) => one.step - other.step || one.wallTime - other.wallTime)
        if (isFirst && missing.length === 0) yield tell([])
        for (let start = 0; start < missing.length && !signal.aborted; start += largestPayload)
          yield tell(missing.slice(start, start + largestPayload))
        isFirst = false
      }
      const logged = events
        .flatMap((event) => decoded(event, JobScalarsLoggedSchema)?.scalars ?? [])
        .map(plain)
      const fresh = firstOfEach(logged.filter(isWanted).filter(isNew))
      if (fresh.length) yield tell(fresh)
      if (hasEnded) return
      if (fresh.length === 0) await bell.rings()
    }
  } finally {
    for (const stop of stopListening) stop()
    signal.removeEventListener('abort', bell.ring)
  }
}

function plain(scalar: { tag: string; step: bigint; value: number; wallTime: number }): LoggedScalar {
  return { tag: scalar.tag, step: Number(scalar.step), value: scalar.value, wallTime: scalar.wallTime }
}

/** The same number may be told twice by an image that was taken up again. */
function firstOfEach(scalars: readonly LoggedScalar[]): LoggedScalar[] {
  return [...new Map([...scalars].reverse().map((one) => [`${one.tag} ${one.step}`, one])).values()].reverse()
}

function lastSteps(scalars: readonly LoggedScalar[]): Record<string, number> {
  const last: Record<string, number> = {}
  for (const { tag, step } of scalars) last[tag] = Math.max(last[tag] ?? step, step)
  return last
}

function isFinal(state: string): boolean {
  const ranks: Readonly<Record<string, number>> = jobRanks
  return ranks[state] === jobRanks.SUCCEEDED
}
