export type LabellingTaskState = 'OPEN' | 'STORING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED'

const next: Readonly<Record<LabellingTaskState, readonly LabellingTaskState[]>> = {
  OPEN: ['STORING', 'FAILED', 'CANCELLED'],
  STORING: ['SUCCEEDED', 'FAILED', 'CANCELLED'],
  SUCCEEDED: ['OPEN'], // sent back
  FAILED: ['OPEN', 'STORING'], // sent back; stored again
  CANCELLED: [],
}

export function mayBecome(from: LabellingTaskState, to: LabellingTaskState): boolean {
  return next[from].includes(to)
}

export function hasEnded(state: LabellingTaskState): boolean {
  return state === 'SUCCEEDED' || state === 'FAILED' || state === 'CANCELLED'
}
