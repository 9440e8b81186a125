import { notFound } from '@ymir/graphql'
import { ExecutorImagePulledSchema, ExecutorImageStateChangedSchema } from '@ymir/proto-events'
import { decoded } from '../feed/decoded.ts'
import type { Following, Update } from './context.ts'
import { followState, type Course, type View } from './follow-state.ts'

interface ExecutorImageView extends View {
  readonly progress: number
  readonly problem: object | null
}

const executorImageQuery = /* GraphQL */ `
  query ExecutorImageNow($id: ID!) {
    executorImage(id: $id) {
      state
      progress
      problem {
        code
        message
        advice
      }
    }
  }
`

const course: Course<ExecutorImageView> = {
  subscription: 'executorImageProgress',
  // an update makes a READY image PULLING again: that is another subscription's course
  ranks: { PULLING: 0, READY: 1, FAILED: 1 },
  read: async (id, { graph, subscriber }) => {
    const answer = await graph.query<{ executorImage: ExecutorImageView | null }>(
      executorImageQuery,
      { id },
      subscriber.context(),
    )
    if (!answer.executorImage) throw notFound('executor image', id)
    return answer.executorImage
  },
  changed: (view, event) => {
    const change = decoded(event, ExecutorImageStateChangedSchema)
    if (!change) return undefined
    const { code, message, advice } = change.problem ?? {}
    return {
      state: change.state,
      progress: change.state === 'READY' ? 1 : view.progress,
      problem: change.problem ? { code, message, advice } : null,
    }
  },
  progressed: (view, event) => {
    const { progress = 0 } = decoded(event, ExecutorImagePulledSchema) ?? {}
    return progress > view.progress ? { ...view, progress } : view
  },
  amount: ({ progress }) => progress,
  rewound: (view, { state, amount: progress }) => ({ ...view, state, progress, problem: null }),
  fields: (id, view) => ({ ...view, executorImage: { __typename: 'ExecutorImage', id } }),
}

/** The pull of an executor image and every change of its state; ends behind the final one. */
export function executorImageProgress(following: Following): AsyncGenerator<Update> {
  return followState(course, following)
}
