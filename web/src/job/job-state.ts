import type { JobState } from '../graph/schema.generated.ts'

const over: readonly JobState[] = ['SUCCEEDED', 'FAILED', 'CANCELLED']

/** Whether nothing more will happen to a job. */
export function isOver(state: JobState): boolean {
  return over.includes(state)
}

/** Those that have slots or wait for some. */
export const openStates: readonly JobState[] = ['QUEUED', 'PREPARING', 'RUNNING', 'COLLECTING']

/** Mantine's colour of a state; the word stands beside it always. */
export const stateColour: Readonly<Record<JobState, string>> = {
  QUEUED: 'gray',
  PREPARING: 'cyan',
  RUNNING: 'cyan',
  COLLECTING: 'cyan',
  SUCCEEDED: 'teal',
  FAILED: 'red',
  CANCELLED: 'gray',
}
