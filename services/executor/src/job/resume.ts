import type { EntityManager } from 'typeorm'
import type { ImageDescription } from '../image/image.ts'
import type { JobRequest } from './job.ts'
import { JobStage, type Job } from './job.entity.ts'

/**
 * The stage that a training saved last, to go on from when it is started again.
 * @returns undefined when it saved none, or its image does not say that it can: its training template then has the key
 *   `pretrained_model_params`, as those of the ecosystem's images have
 */
export async function stageToGoOnFrom(
  manager: EntityManager,
  { id: jobId, kinds }: Pick<Job, 'id' | 'kinds'>,
  { templates }: Pick<ImageDescription, 'templates'>,
): Promise<JobRequest['stage']> {
  if (!kinds.includes('TRAINING') || !('pretrained_model_params' in (templates.TRAINING ?? {})))
    return undefined
  const last = await manager.getRepository(JobStage).findOne({
    where: { jobId },
    order: { savedAt: 'DESC', best: 'DESC', name: 'DESC' },
  })
  return last ? { name: last.name, files: last.files } : undefined
}
