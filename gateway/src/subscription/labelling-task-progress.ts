import { notFound } from '@ymir/graphql'
import { LabellingTaskProgressedSchema, LabellingTaskStateChangedSchema } from '@ymir/proto-events'
import { decoded } from '../feed/decoded.ts'
import type { Following, Update } from './context.ts'
import { followState, type Course, type View } from './follow-state.ts'

interface LabellingTaskView extends View {
  readonly itemCount: number
  readonly doneCount: number
}

const taskQuery = /* GraphQL */ `
  query LabellingTaskNow($id: ID!) {
    labellingTask(id: $id) {
      state
      itemCount
      doneCount
    }
  }
`

const course: Course<LabellingTaskView> = {
  subscription: 'labellingTaskProgress',
  ranks: { OPEN: 0, STORING: 1, SUCCEEDED: 2, FAILED: 2, CANCELLED: 2 },
  read: async (id, { graph, subscriber }) => {
    const { labellingTask } = await graph.query<{ labellingTask: LabellingTaskView | null }>(
      taskQuery,
      { id },
      subscriber.context(),
    )
    if (!labellingTask) throw notFound('labelling task', id)
    return labellingTask
  },
  changed: (view, event) => {
    const change = decoded(event, LabellingTaskStateChangedSchema)
    return change && { ...view, state: change.state }
  },
  progressed: (view, event) => {
    const progress = decoded(event, LabellingTaskProgressedSchema)
    if (!progress) return view
    const [itemCount, doneCount] = [Number(progress.itemCount), Number(progress.doneCount)]
    return itemCount === view.itemCount && doneCount === view.doneCount
      ? view
      : { ...view, itemCount, doneCount }
  },
  amount: ({ doneCount }) => doneCount,
  rewound: (view, { state, amount }) => ({ ...view, state, doneCount: amount }),
  fields: (id, view) => ({ ...view, task: { __typename: 'LabellingTask', id } }),
}

/** How many images of a labelling task are done, and every change of its state; ends behind the final one. */
export function labellingTaskProgress(following: Following): AsyncGenerator<Update> {
  return followState(course, following)
}
