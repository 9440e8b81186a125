/** A job as far as the queue's order goes. */
export interface Queued {
  readonly id: string
  readonly projectId: string
  readonly gpuCount: number
  readonly priority: number
  /** Order of arrival. */
  readonly serial: number
}

/** What the projects have had. */
export interface Share {
  /** Jobs of each project that hold a slot. */
  readonly active: ReadonlyMap<string, number>
  /** When each project last had a job started; larger is later. */
  readonly lastStarted: ReadonlyMap<string, number>
}

/**
 * The order in which waiting jobs will start: higher priority first; then fair between projects, so that the project
 * with fewest jobs at work, and of those the one whose last turn is longest ago, is next; then in order of arrival.
 */
export function queueOrder<Job extends Queued>(waiting: readonly Job[], share: Share): Job[] {
  const active = new Map(share.active)
  const lastStarted = new Map(share.lastStarted)
  let turn = Math.max(0, ...lastStarted.values())
  const rest = waiting.toSorted((a, b) => b.priority - a.priority || a.serial - b.serial)
  const order: Job[] = []
  while (rest.length) {
    const keyOf = ({ priority, projectId }: Queued) =>
      [-priority, active.get(projectId) ?? 0, lastStarted.get(projectId) ?? 0] as const
    // of equals the first stays: they are in order of arrival
    const next = rest.reduce((best, job) => (isBefore(keyOf(job), keyOf(best)) ? job : best))
    rest.splice(rest.indexOf(next), 1)
    order.push(next)
    active.set(next.projectId, (active.get(next.projectId) ?? 0) + 1)
    lastStarted.set(next.projectId, (turn += 1))
  }
  return order
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const index = a.findIndex((value, position) => value !== b[position])
  return index >= 0 && (a[index] ?? 0) < (b[index] ?? 0)
}

export interface FreeSlots {
  readonly cpu: readonly string[]
  readonly gpu: readonly string[]
}

/**
 * The first job in order that the free slots suffice for, and the slots that it gets. A job that must wait for slots
 * keeps those behind it waiting for the same kind of slot, or a large one would never start.
 */
export function nextToStart<Job extends Queued>(
  order: readonly Job[],
  free: FreeSlots,
): { job: Job; slots: readonly string[] } | undefined {
  const first = (usesGpu: boolean) => order.find(({ gpuCount }) => gpuCount > 0 === usesGpu)
  const [cpuJob, gpuJob] = [first(false), first(true)]
  const starts = (job: Job | undefined, slots: readonly string[], needed: number) =>
    job && slots.length >= needed ? [{ job, slots: slots.slice(0, needed) }] : []
  const possible = [...starts(cpuJob, free.cpu, 1), ...starts(gpuJob, free.gpu, gpuJob?.gpuCount ?? 0)]
  return possible.sort((a, b) => order.indexOf(a.job) - order.indexOf(b.job))[0]
}
