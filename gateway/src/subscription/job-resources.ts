import type { FeedEvent } from '@ymir/bus'
import { JobResourcesMeasuredSchema, JobStateChangedSchema } from '@ymir/proto-events'
import { z } from 'zod'
import { decoded } from '../feed/decoded.ts'
import { Bell } from './bell.ts'
import type { Following, Update } from './context.ts'
import { cursors } from './cursor.ts'
import { jobRanks } from './job-progress.ts'
import { readJob } from './read-job.ts'

const resourcesQuery = /* GraphQL */ `
  query ResourcesOfJob($id: ID!) {
    job(id: $id) {
      state
      resources {
        measuredAt
        cpuCores
        memoryBytes
        memoryLimitBytes
        processes
        gpus {
          uuid
          utilisation
          memoryBytes
        }
      }
    }
  }
`

interface Resources {
  readonly measuredAt: string
  readonly cpuCores: number
  readonly memoryBytes: number
  readonly memoryLimitBytes: number | null
  readonly processes: number
  readonly gpus: readonly {
    readonly uuid: string
    readonly utilisation: number | null
    readonly memoryBytes: number
  }[]
}

interface ResourcesNow {
  readonly state: string
  readonly resources: Resources | null
}

/** When what the client has was measured. */
const cursor = cursors('jobResources', z.object({ measuredAt: z.string() }))

/** What a job uses, the newest only; begins when it is first measured, ends when the job did. */
export async function* jobResources({ id, after, context, signal }: Following): AsyncGenerator<Update> {
  const topic = { entityId: id }
  const { facts, news } = context
  let measuredAt = after ? cursor.read(id, after).measuredAt : ''
  const factReader = facts.read(topic, await facts.now())
  const newsReader = news.read(topic)
  const bell = new Bell()
  const stopListening = [facts.listen(topic, bell.ring), news.listen(topic, bell.ring)]
  signal.addEventListener('abort', bell.ring)
  const tell = (resources: Resources): Update => {
    measuredAt = resources.measuredAt
    const at = measuredAt
    return {
      ...resources,
      key: `jobResources ${id} ${at}`,
      cursor: () => cursor.write(id, { measuredAt: at }),
    }
  }

  try {
    const { state, resources } = await readJob<ResourcesNow>(resourcesQuery, { id }, context)
    // times of one form: their order is that of their texts
    if (resources && resources.measuredAt > measuredAt) yield tell(resources)
    let hasEnded = isFinal(state)
    while (!hasEnded && !signal.aborted) {
      await bell.rings()
      for (let fact = await factReader.next(); fact; fact = await factReader.next())
        hasEnded ||= isFinal(decoded(fact, JobStateChangedSchema)?.to ?? '')
      const newest = newsReader
        .take()
        .events.flatMap((event) => measuredIn(event) ?? [])
        .at(-1)
      if (newest && newest.measuredAt > measuredAt) yield tell(newest)
    }
  } finally {
    for (const stop of stopListening) stop()
    signal.removeEventListener('abort', bell.ring)
  }
}

function measuredIn(event: FeedEvent): Resources | undefined {
  const measured = decoded(event, JobResourcesMeasuredSchema)
  if (!measured) return undefined
  const { cpuCores, memoryBytes, memoryLimitBytes, processes, gpus } = measured
  return {
    measuredAt: new Date(Math.round(measured.measuredAt * 1000)).toISOString(),
    cpuCores,
    memoryBytes: Number(memoryBytes),
    memoryLimitBytes: memoryLimitBytes === undefined ? null : Number(memoryLimitBytes),
    processes,
    gpus: gpus.map((gpu) => ({
      uuid: gpu.uuid,
      utilisation: gpu.utilisation ?? null,
      memoryBytes: Number(gpu.memoryBytes),
    })),
  }
}

function isFinal(state: string): boolean {
  const ranks: Readonly<Record<string, number>> = jobRanks
  return ranks[state] === jobRanks.SUCCEEDED
}
