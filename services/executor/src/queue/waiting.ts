import type { DataSource } from 'typeorm'
import type { JobKind } from '../job/job.ts'
import type { Queued } from './queue.ts'

/** A waiting job as far as order and estimate go. */
export interface Waiting extends Queued {
  readonly executorImageId: string
  readonly kinds: readonly JobKind[]
}

/** The waiting jobs, and the limits and last turns of their projects. */
export interface WaitingJobs {
  readonly jobs: readonly Waiting[]
  readonly limits: ReadonlyMap<string, number>
  /** Unix milliseconds by project. */
  readonly lastStarted: ReadonlyMap<string, number>
}

/** Reads what the order needs to know, and not what the jobs were asked for, which may be large. */
export async function readWaiting(
  database: DataSource,
  usualLimit: number | undefined,
): Promise<WaitingJobs> {
  const rows: (Waiting & { hasLimit: boolean; limit: number | null })[] = await database.query(
    `select id, project_id as "projectId", turn_of as "turnOf", gpu_count as "gpuCount", priority, rank,
       serial::double precision as serial, executor_image_id as "executorImageId", kinds,
       project_job_limits.project_id is not null as "hasLimit", job_limit as "limit"
     from jobs left join project_job_limits using (project_id) where state = 'QUEUED'`,
  )
  if (rows.length === 0) return { jobs: [], limits: new Map(), lastStarted: new Map() }
  const limits = new Map<string, number>()
  for (const { projectId, hasLimit, limit } of rows) {
    const its = hasLimit ? limit : usualLimit
    if (its !== null && its !== undefined) limits.set(projectId, its)
  }
  const projects = [...new Set(rows.flatMap(({ projectId, turnOf }) => turnOf ?? projectId))]
  const turns: { project: string; last: Date | null }[] = await database.query(
    `select project, (select max(started_at) from jobs where project_id = project) as last
     from unnest($1::text[]) as project`,
    [projects],
  )
  const lastStarted = new Map(turns.flatMap(({ project, last }) => (last ? [[project, last.getTime()]] : [])))
  return { jobs: rows, limits, lastStarted }
}
