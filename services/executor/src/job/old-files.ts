import { rm } from 'node:fs/promises'
import { log } from '@ymir/service'
import type { EntityManager } from 'typeorm'
import { jobFolders } from '../contract/layout.ts'
import { Job } from './job.entity.ts'

const atOnce = 100

/** YMIR_JOB_KEEP_DAYS (default 30): how long what an ended job wrote stays beside its log; stages are kept elsewhere, for good. */
export function keepFilesDays(environment: NodeJS.ProcessEnv = process.env): number {
  return Number(environment.YMIR_JOB_KEEP_DAYS ?? 30)
}

/** Removes /in and /out of jobs that ended long ago. Their logs, stages and results stay. */
export async function removeOldFiles(
  manager: EntityManager,
  jobsFolder: string,
  keepDays: number,
): Promise<void> {
  const old: { id: string }[] = await manager.query(
    `select id from jobs where swept_at is null and finished_at < now() - make_interval(secs => $1)
      order by finished_at limit ${atOnce}`,
    [keepDays * 24 * 60 * 60],
  )
  for (const { id } of old) {
    const { input, output } = jobFolders(jobsFolder, id)
    for (const folder of [input, output]) await rm(folder, { recursive: true, force: true })
    await manager.update(Job, { id }, { sweptAt: new Date() })
  }
  if (old.length)
    log.info(`removed the files of ${old.length} jobs that ended more than ${keepDays} days ago`)
}
