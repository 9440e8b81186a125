import { JobProgressedSchema, JobStateChangedSchema } from '@ymir/proto-events'
import { decoded } from '../feed/decoded.ts'
import type { Following, Update } from './context.ts'
import { followState, type Course, type View } from './follow-state.ts'
import { readJob } from './read-job.ts'

interface JobView extends View {
  readonly attempt: number
  readonly progress: number
  readonly message: string | null
  readonly failure: object | null
}

const jobQuery = /* GraphQL */ `
  query JobNow($id: ID!) {
    job(id: $id) {
      state
      attempt
      progress
      message
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
      state: change.to,
      attempt: Math.max(view.attempt, change.attempt), // 0: said by a service of before there were attempts
      progress: change.to === 'SUCCEEDED' ? 1 : view.progress,
      failure: change.failure ? { code, message, advice, exitCode: exitCode ?? null, logTail } : null,
    }
  },
  progressed: (view, event) => {
    const progress = decoded(event, JobProgressedSchema)
    if (!progress) return view
    const message = progress.message || view.message
    if (progress.progress <= view.progress && message === view.message) return view
    return { ...view, message, progress: Math.max(view.progress, progress.progress) }
  },
  amount: ({ progress }) => progress,
  rewound: (view, { state, amount, attempt }) => ({
    ...view,
    state,
    attempt,
    progress: amount,
    failure: null,
  }),
  fields: (id, view) => ({ ...view, job: { __typename: 'Job', id } }),
}

/** A job's progress and every change of its state; ends behind the final one. */
export function jobProgress(following: Following): AsyncGenerator<Update> {
  return followState(course, following)
}
