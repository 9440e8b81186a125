import {
  JobProgressedSchema,
  JobQueuedSchema,
  JobStateChangedSchema,
  type MessageShape,
} from '@ymir/proto-events'
import { decoded } from '../feed/decoded.ts'
import type { Following, Update } from './context.ts'
import { followState, type Course, type View } from './follow-state.ts'
import { readJob } from './read-job.ts'

interface JobView extends View, Standing {
  readonly attempt: number
  readonly progress: number
  readonly message: string | null
  readonly failure: object | null
}

/** Where a job stands in the queue. */
interface Standing {
  readonly queuePlace: number | null
  /** RFC 3339 */
  readonly estimatedStart: string | null
  readonly waitingFor: string | null
}

const notQueued: Standing = { queuePlace: null, estimatedStart: null, waitingFor: null }

const jobQuery = /* GraphQL */ `
  query JobNow($id: ID!) {
    job(id: $id) {
      state
      attempt
      progress
      message
      queuePlace
      estimatedStart
      waitingFor
      failure {
        code
        message
        advice
        exitCode
        logTail
      }
    }
  }
`

/** A job's states in order; the last three are final. */
export const jobRanks = {
  QUEUED: 0,
  PREPARING: 1,
  RUNNING: 2,
  COLLECTING: 3,
  SUCCEEDED: 4,
  FAILED: 4,
  CANCELLED: 4,
}

const course: Course<JobView> = {
  subscription: 'jobProgress',
  ranks: jobRanks,
  read: (id, context) => readJob<JobView>(jobQuery, { id }, context),
  changed: (view, event) => {
    const change = decoded(event, JobStateChangedSchema)
    if (!change) return undefined
    const { code, message, advice, exitCode, logTail } = change.failure ?? {}
    return {
      ...view,
      ...notQueued,
      state: change.to,
      attempt: Math.max(view.attempt, change.attempt), // 0: said by a service of before there were attempts
      progress: change.to === 'SUCCEEDED' ? 1 : view.progress,
      failure: change.failure ? { code, message, advice, exitCode: exitCode ?? null, logTail } : null,
    }
  },
  progressed: (view, event) => {
    const queued = decoded(event, JobQueuedSchema)
    if (queued) return view.state === 'QUEUED' ? newer(view, standingOf(queued)) : view
    const progress = decoded(event, JobProgressedSchema)
    if (!progress) return view
    const message = progress.message || view.message
    if (progress.progress <= view.progress && message === view.message) return view
    return { ...view, message, progress: Math.max(view.progress, progress.progress) }
  },
  caughtUp: (view, now) => (now.state === 'QUEUED' ? newer(view, now) : view),
  amount: ({ progress }) => progress,
  // where the client last saw it in the queue is not in the cursor: it is told anew
  rewound: (view, { state, attempt, amount: progress }) => ({
    ...view,
    ...notQueued,
    ...{ state, attempt, progress, failure: null },
  }),
  fields: (id, view) => ({ ...view, job: { __typename: 'Job', id } }),
}

function standingOf({ place, estimatedStart, waitingFor }: MessageShape<typeof JobQueuedSchema>): Standing {
  return {
    queuePlace: place,
    estimatedStart: estimatedStart ? new Date(Number(estimatedStart) * 1000).toISOString() : null,
    waitingFor: waitingFor || null,
  }
}

/** The same view when the job stands where it stood. */
function newer(view: JobView, { queuePlace, estimatedStart, waitingFor }: Standing): JobView {
  const standing = { queuePlace, estimatedStart, waitingFor }
  const isSame = (Object.keys(standing) as (keyof Standing)[]).every((key) => standing[key] === view[key]) // its own keys
  return isSame ? view : { ...view, ...standing }
}

/** A job's progress and every change of its state; ends behind the final one. */
export function jobProgress(following: Following): AsyncGenerator<Update> {
  return followState(course, following)
}
