import type { EntityManager } from 'typeorm'
import { JobProblem } from '../job/failure.ts'
import { Job } from '../job/job.entity.ts'
import type { ExecutorImage } from './image.entity.ts'
import type { ImageDescription } from './image.ts'
import { ExecutorImageRevision, type StoredDescription } from './revision.entity.ts'

/** Keeps the image's current revision, with its templates, beside the earlier ones; images without digests have none. */
export async function recordRevision(manager: EntityManager, image: ExecutorImage): Promise<void> {
  const { id: executorImageId, digest, kinds, objectTypes, asksForNetwork, tellsDetails } = image
  const { trainingTemplate, miningTemplate, inferenceTemplate } = image
  if (!digest) return
  await manager
    .createQueryBuilder()
    .insert()
    .into(ExecutorImageRevision)
    .values({
      ...{ executorImageId, digest, kinds, objectTypes, asksForNetwork, tellsDetails, createdAt: new Date() },
      ...{ trainingTemplate, miningTemplate, inferenceTemplate },
    } as object) // TypeORM's type of a row cannot say that a JSON column holds anything
    .orIgnore()
    .execute()
}

/** A revision, or an image that has none. */
export type Revision = StoredDescription & { readonly digest: string | null }

/**
 * The revision that a job runs: the one that it asked for or was given by an earlier attempt, else the current one,
 * which is noted with the job.
 * @throws JobProblem IMAGE_MISSING when the image never had the revision that the job asks for
 */
export async function revisionFor(
  manager: EntityManager,
  job: Pick<Job, 'id' | 'imageDigest'>,
  image: ExecutorImage,
): Promise<Revision> {
  const digest = job.imageDigest ?? image.digest
  if (digest && !job.imageDigest) await manager.update(Job, { id: job.id }, { imageDigest: digest })
  if (digest === image.digest) return image
  const revision = await manager.findOneBy(ExecutorImageRevision, {
    executorImageId: image.id,
    digest: digest ?? '',
  })
  if (revision) return revision
  throw new JobProblem('IMAGE_MISSING', `the executor image "${image.name}" never had the revision ${digest}`)
}

/** What a revision said about itself when it was registered or pulled. */
export function descriptionOf(revision: StoredDescription): ImageDescription {
  return {
    kinds: revision.kinds,
    objectTypes: revision.objectTypes,
    asksForNetwork: revision.asksForNetwork,
    tellsDetails: revision.tellsDetails,
    templates: {
      TRAINING: revision.trainingTemplate ?? undefined,
      MINING: revision.miningTemplate ?? undefined,
      INFERENCE: revision.inferenceTemplate ?? undefined,
    },
  }
}
