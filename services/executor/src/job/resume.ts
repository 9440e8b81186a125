import type { EntityManager } from 'typeorm'
import { goesOnFromStages, type ImageDescription } from '../image/image.ts'
import type { JobRequest } from './job.ts'
import { JobStage, type Job } from './job.entity.ts'

/**
 * The stage that a training saved last, to go on from when it is started again.
 * @returns undefined when it saved none, or its image does not go on from one
 */
export async function stageToGoOnFrom(
  manager: EntityManager,
  { id: jobId, kinds }: Pick<Job, 'id' | 'kinds'>,
  image: Pick<ImageDescription, 'templates'>,
): Promise<JobRequest['stage']> {
  if (!kinds.includes('TRAINING') || !goesOnFromStages(image)) return undefined
  const last = await manager.getRepository(JobStage).findOne({
    where: { jobId },
    order: { savedAt: 'DESC', best: 'DESC', name: 'DESC' },
  })
  return last ? { name: last.name, files: last.files } : undefined
}
