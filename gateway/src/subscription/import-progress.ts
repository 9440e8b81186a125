import { notFound } from '@ymir/graphql'
import { ImportProgressedSchema, ImportStateChangedSchema } from '@ymir/proto-events'
import { decoded } from '../feed/decoded.ts'
import type { Following, Update } from './context.ts'
import { followState, type Course, type View } from './follow-state.ts'

interface ImportView extends View {
  readonly progress: number
  readonly problem: string | null
}

const importQuery = /* GraphQL */ `
  query ImportNow($id: ID!) {
    import(id: $id) {
      state
      progress
      problem
    }
  }
`

const course: Course<ImportView> = {
  subscription: 'importProgress',
  ranks: { QUEUED: 0, RUNNING: 1, SUCCEEDED: 2, REFUSED: 2, FAILED: 2, CANCELLED: 2 },
  read: async (id, { graph, subscriber }) => {
    const answer = await graph.query<{ import: ImportView | null }>(importQuery, { id }, subscriber.context())
    if (!answer.import) throw notFound('import', id)
    return answer.import
  },
  changed: (view, event) => {
    const change = decoded(event, ImportStateChangedSchema)
    if (!change) return undefined
    const { state, problem } = change
    return { state, problem: problem || null, progress: state === 'SUCCEEDED' ? 1 : view.progress }
  },
  progressed: (view, event) => {
    const { progress = 0 } = decoded(event, ImportProgressedSchema) ?? {}
    return progress > view.progress ? { ...view, progress } : view
  },
  amount: ({ progress }) => progress,
  rewound: (view, { state, amount }) => ({ ...view, state, progress: amount, problem: null }),
  fields: (id, view) => ({ ...view, import: { __typename: 'Import', id } }),
}

/** An import's progress and every change of its state; ends behind the final one. */
export function importProgress(following: Following): AsyncGenerator<Update> {
  return followState(course, following)
}
