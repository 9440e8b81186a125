import type { Queued, Share } from './queue.ts'

/** A job at work. */
export interface AtWork {
  readonly projectId: string
  readonly gpuCount: number
  /** Unix milliseconds; undefined: nobody knows. */
  readonly endsAt: number | undefined
}

/** The machine and what is on it. */
export interface Outlook {
  /** Unix milliseconds. */
  readonly now: number
  /** Slots that jobs have or may have. */
  readonly slots: { readonly cpu: number; readonly gpu: number }
  readonly atWork: readonly AtWork[]
  readonly limits?: Share['limits']
}

/**
 * When each waiting job will start, if jobs at work end when they are expected to, waiting ones take what is usual, and
 * nothing comes in between: the queue is played out in its order. Turns between projects are as they are now.
 * @param order waiting jobs, the next to start first
 * @param usualMs how long such a job takes; undefined: nobody knows
 * @returns Unix milliseconds by job; without those that wait for something of which nobody knows when it ends
 */
export function estimateStarts<Job extends Queued>(
  order: readonly Job[],
  { now, slots, atWork, limits }: Outlook,
  usualMs: (job: Job) => number | undefined,
): Map<string, number> {
  const starts = new Map<string, number>()
  const active = new Map<string, number>()
  const free = { ...slots }
  const left = { cpu: 0, gpu: 0 }
  for (const job of order) left[kindOf(job)] += 1
  const running = new Set<AtWork>()
  const begin = (job: AtWork) => {
    running.add(job)
    free[kindOf(job)] -= slotsOf(job)
    active.set(job.projectId, (active.get(job.projectId) ?? 0) + 1)
  }
  const end = (job: AtWork) => {
    running.delete(job)
    free[kindOf(job)] += slotsOf(job)
    active.set(job.projectId, (active.get(job.projectId) ?? 0) - 1)
  }
  const startsAt = (job: Job, time: number) => {
    starts.set(job.id, time)
    left[kindOf(job)] -= 1
    const takes = usualMs(job)
    begin({ ...job, endsAt: takes === undefined ? undefined : time + takes })
  }

  /** Nothing that waits can start: no need to look at the rest. */
  const isOver = (full: ReadonlySet<Kind>) => kinds.every((kind) => full.has(kind) || left[kind] === 0)
  const isHeld = ({ projectId }: Job) => (active.get(projectId) ?? 0) >= (limits?.get(projectId) ?? Infinity)

  /** Starts what fits at a time. @returns those that wait on */
  const startWhatFits = (waiting: readonly Job[], time: number): readonly Job[] => {
    const full = new Set<Kind>()
    const later: Job[] = []
    for (const [index, job] of waiting.entries()) {
      if (full.has(kindOf(job)) || isHeld(job)) later.push(job)
      else if (free[kindOf(job)] >= slotsOf(job)) startsAt(job, time)
      else {
        full.add(kindOf(job)) // a job that waits for slots keeps those behind it waiting for the same kind
        later.push(job)
        if (isOver(full)) return later.concat(waiting.slice(index + 1))
      }
    }
    return later
  }

  for (const job of atWork) begin(job)
  let waiting = order
  for (let time: number | undefined = now; waiting.length && time !== undefined;) {
    waiting = startWhatFits(waiting, time)
    const next = soonest(running)
    if (next) end(next)
    time = next?.endsAt === undefined ? undefined : Math.max(time, next.endsAt)
  }
  return starts
}

/**
 * When a job at work will end: as its progress so far predicts it, else after the usual time.
 * @param progress 0..1
 * @returns Unix milliseconds, not before `now`
 */
export function expectedEnd(
  { startedAt, progress }: { readonly startedAt: number; readonly progress: number },
  now: number,
  usualMs: number | undefined,
): number | undefined {
  const whole = progress >= leastTelling ? (now - startedAt) / progress : usualMs
  return whole === undefined ? undefined : Math.max(now, startedAt + whole)
}

/** Less progress than this predicts nothing. */
const leastTelling = 0.02

const kinds = ['cpu', 'gpu'] as const
type Kind = (typeof kinds)[number]

function kindOf({ gpuCount }: Pick<Queued, 'gpuCount'>): Kind {
  return gpuCount > 0 ? 'gpu' : 'cpu'
}

function slotsOf({ gpuCount }: Pick<Queued, 'gpuCount'>): number {
  return Math.max(1, gpuCount)
}

function soonest(running: Iterable<AtWork>): AtWork | undefined {
  let found: AtWork | undefined
  for (const job of running)
    if (job.endsAt !== undefined && job.endsAt < (found?.endsAt ?? Infinity)) found = job
  return found
}
