import type { Bus } from '@ymir/bus'
import { ProjectJobLimitSetSchema } from '@ymir/proto-events'
import { Column, Entity, PrimaryColumn, type DataSource } from 'typeorm'

export const largestLimit = 1_000

/** How many jobs of a project may hold slots at once, where an administrator has set it. */
@Entity('project_job_limits')
export class ProjectJobLimit {
  @PrimaryColumn({ type: 'text', name: 'project_id' })
  projectId!: string

  /** null: none. */
  @Column({ type: 'integer', name: 'job_limit', nullable: true })
  limit!: number | null
}

/** The limit of projects for which none was set: YMIR_PROJECT_JOBS; none when that is not set. */
export function usualLimit(environment: NodeJS.ProcessEnv = process.env): number | undefined {
  const { YMIR_PROJECT_JOBS } = environment
  if (!YMIR_PROJECT_JOBS) return undefined
  const limit = Number(YMIR_PROJECT_JOBS)
  if (Number.isInteger(limit) && limit >= 0) return limit
  throw new Error(`YMIR_PROJECT_JOBS is "${YMIR_PROJECT_JOBS}": set a whole number of jobs, or leave it out`)
}

/** Sets the limit and says so, when it is another one than before. */
export async function setProjectJobLimit(
  database: DataSource,
  bus: Pick<Bus, 'emit'>,
  { projectId, limit, actorId }: { projectId: string; limit: number | null; actorId: string },
): Promise<void> {
  await database.transaction(async (manager) => {
    const changed: unknown[] = await manager.query(
      `insert into project_job_limits as known (project_id, job_limit) values ($1, $2)
       on conflict (project_id) do update set job_limit = $2 where known.job_limit is distinct from $2
       returning project_id`,
      [projectId, limit],
    )
    if (changed.length === 0) return
    await bus.emit(manager, ProjectJobLimitSetSchema, { projectId, limit: limit ?? undefined, actorId })
  })
}

/** @returns null: none */
export async function limitOf(
  database: DataSource,
  projectId: string,
  usual: number | undefined,
): Promise<number | null> {
  const set = await database.getRepository(ProjectJobLimit).findOneBy({ projectId })
  return set ? set.limit : (usual ?? null)
}
