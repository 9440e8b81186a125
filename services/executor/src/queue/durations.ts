import type { DataSource } from 'typeorm'
import type { JobKind } from '../job/job.ts'

/** How long jobs take, in milliseconds; undefined where none like it has succeeded yet. */
export type Durations = (job: DurationKey) => number | undefined

interface DurationKey {
  readonly projectId: string
  readonly executorImageId: string
  readonly kinds: readonly JobKind[]
}

/** Older jobs say little about those of today. */
const countedJobs = 2_000

/**
 * The median duration of the latest jobs that succeeded, of an image and kinds: those of the project, else those of all
 * projects.
 */
export async function readDurations(database: DataSource): Promise<Durations> {
  const rows: { project: string | null; image: string; kinds: JobKind[]; median: number }[] =
    await database.query(
      `with latest as (
         select project_id, executor_image_id, kinds, finished_at - started_at as took
         from jobs where state = 'SUCCEEDED' order by finished_at desc limit $1
       )
       select project_id as project, executor_image_id as image, kinds,
         extract(epoch from percentile_cont(0.5) within group (order by took))::double precision * 1000 as median
       from latest
       group by grouping sets ((project_id, executor_image_id, kinds), (executor_image_id, kinds))`,
      [countedJobs],
    )
  const medians = new Map(
    rows.map(({ project, image, kinds, median }) => [keyOf(project, image, kinds), median]),
  )
  return ({ projectId, executorImageId, kinds }) =>
    medians.get(keyOf(projectId, executorImageId, kinds)) ?? medians.get(keyOf(null, executorImageId, kinds))
}

function keyOf(projectId: string | null, image: string, kinds: readonly JobKind[]): string {
  return [projectId ?? '', image, ...kinds.toSorted()].join(' ')
}
