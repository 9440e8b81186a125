/** A job as far as the queue's order goes. */
export interface Queued {
  readonly id: string
  readonly projectId: string
  /** The project whose turn it takes, where an administrator moved it before a job of another one. */
  readonly turnOf?: string | null
  readonly gpuCount: number
  readonly priority: number
  /** Place among jobs of equal priority, where it was moved; else its serial is. */
  readonly rank?: number | null
  /** Order of arrival. */
  readonly serial: number
}

/** What the projects have had, and may have. */
export interface Share {
  /** Jobs of each project that hold a slot. */
  readonly active: ReadonlyMap<string, number>
  /** When each project last had a job started; larger is later. */
  readonly lastStarted: ReadonlyMap<string, number>
  /** How many jobs of a project may hold slots at once; a project that is not here has no limit. */
  readonly limits?: ReadonlyMap<string, number>
}

/** Jobs of equal priority that take the turns of one project. */
interface Line<Job> {
  /** The next one. */
  first: Job
  /** Those behind it, the last of the line first. */
  readonly rest: Job[]
  /** Of the project; shared by its lines of other priorities. */
  readonly had: { active: number; lastStarted: number }
}

/**
 * The order in which waiting jobs will start: higher priority first; then fair between projects, so that the project
 * with fewest jobs at work, and of those the one whose last turn is longest ago, is next; then in order of arrival, or
 * as they were moved. Of jobs and projects, it takes the product of the two and no more.
 */
export function queueOrder<Job extends Queued>(waiting: readonly Job[], share: Share): Job[] {
  const lines = linesOf(waiting, share)
  const order: Job[] = []
  let turn = Math.max(0, ...share.lastStarted.values())
  while (lines.length) {
    const next = lines.reduce((best, line) => (isBefore(line, best) ? line : best))
    order.push(next.first)
    next.had.active += 1
    next.had.lastStarted = turn += 1
    const following = next.rest.pop()
    if (following) next.first = following
    else lines.splice(lines.indexOf(next), 1)
  }
  return order
}

/** The project whose turns a job takes. */
export function turnsOf({ turnOf, projectId }: Pick<Queued, 'turnOf' | 'projectId'>): string {
  return turnOf ?? projectId
}

export function rankOf({ rank, serial }: Pick<Queued, 'rank' | 'serial'>): number {
  return rank ?? serial
}

function linesOf<Job extends Queued>(waiting: readonly Job[], { active, lastStarted }: Share): Line<Job>[] {
  const had = new Map<string, Line<Job>['had']>()
  const lines = new Map<string, Line<Job>>()
  for (const job of waiting.toSorted((a, b) => byRank(b, a))) {
    const project = turnsOf(job)
    const key = `${job.priority} ${project}`
    const line = lines.get(key)
    if (line) {
      line.rest.push(line.first)
      line.first = job
      continue
    }
    const theirs = had.get(project) ?? {
      active: active.get(project) ?? 0,
      lastStarted: lastStarted.get(project) ?? 0,
    }
    had.set(project, theirs)
    lines.set(key, { first: job, rest: [], had: theirs })
  }
  return [...lines.values()]
}

function isBefore(a: Line<Queued>, b: Line<Queued>): boolean {
  const difference =
    b.first.priority - a.first.priority ||
    a.had.active - b.had.active ||
    a.had.lastStarted - b.had.lastStarted ||
    byRank(a.first, b.first)
  return difference < 0
}

function byRank(a: Queued, b: Queued): number {
  return rankOf(a) - rankOf(b) || a.serial - b.serial
}

/** Tells those whose project has all the jobs at work that it may have from those that need only slots; keeps the order. */
export function withinLimits<Job extends Queued>(
  order: readonly Job[],
  { active, limits }: Share,
): { ready: Job[]; held: Job[] } {
  const isHeld = ({ projectId }: Job) => (active.get(projectId) ?? 0) >= (limits?.get(projectId) ?? Infinity)
  return { ready: order.filter((job) => !isHeld(job)), held: order.filter(isHeld) }
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
