import type { Queued, Share } from './queue.ts'
import { isFree, type SlotState } from './slots.ts'

/**
 * What each waiting job waits for, in words; null: it is about to start.
 * @param ready jobs that need only slots, the next to start first
 * @param held jobs whose project has all the jobs at work that it may have
 */
export function waitingFor(
  { ready, held }: { readonly ready: readonly Queued[]; readonly held: readonly Queued[] },
  slots: readonly SlotState[],
  limits: Share['limits'],
): Map<string, string | null> {
  const reasons = new Map<string, string | null>()
  const before = { CPU: 0, GPU: 0 }
  for (const { id, gpuCount } of ready) {
    const kind = gpuCount > 0 ? 'GPU' : 'CPU'
    const ahead = before[kind]++
    reasons.set(id, ahead ? `${counted(ahead, 'job')} before it` : missing(kind, gpuCount, slots))
  }
  for (const { id, projectId } of held)
    reasons.set(id, `the project's limit of ${counted(limits?.get(projectId) ?? 0, 'job')}`)
  return reasons
}

/** What the first job of its kind lacks. */
function missing(kind: SlotState['kind'], gpuCount: number, slots: readonly SlotState[]): string | null {
  const ofKind = slots.filter((slot) => slot.kind === kind)
  const free = ofKind.filter(isFree).length
  if (free >= Math.max(1, gpuCount)) return null
  if (kind === 'CPU') return 'a CPU slot'
  const notHeld = ofKind.filter(({ jobId }) => !jobId)
  const taken = notHeld.filter(({ inUseByOthers }) => inUseByOthers)
  const silent = notHeld.filter(({ reading }) => !reading)
  // others are to blame only if there would be enough GPUs without them
  if (taken.length && free + taken.length >= gpuCount) return `the ${named(taken)} in use by another program`
  if (silent.length && free + taken.length + silent.length >= gpuCount)
    return `the ${named(silent)} not answering`
  return `${counted(gpuCount, 'GPU')}, ${free} free`
}

function named(slots: readonly SlotState[]): string {
  const indices = slots.map(({ gpu }) => gpu?.index)
  return indices.length > 1 ? `GPUs ${indices.join(', ')} are` : `GPU ${indices[0]} is`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
