import { objectOf } from '../graph/json.ts'

const states = ['OPEN', 'STORING', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'WITHDRAWN'] as const

/** How a task was when its vendor was told of it. */
export interface Told {
  readonly taskId: string
  readonly name: string
  readonly state: (typeof states)[number]
  /** Images still to be labelled. */
  readonly todoCount: number
}

/** What a delivery says of a task; undefined: it is of another kind. */
export function toldIn(data: unknown): Told | undefined {
  const { labellingTaskId: taskId, name, state: told, todoCount } = objectOf(data)
  const state = states.find((one) => one === told)
  if (typeof taskId !== 'string' || typeof name !== 'string' || !state) return undefined
  return { taskId, name, state, todoCount: typeof todoCount === 'number' ? todoCount : 0 }
}
