import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { findUpload, UploadMissing, type Blobs } from '@ymir/blobs'
import type { Bus } from '@ymir/bus'
import { DomainError } from '@ymir/graphql'
import { BadImage, inspectImage } from '@ymir/images'
import { JobRequestedSchema } from '@ymir/proto-events'
import type { EntityManager } from 'typeorm'
import type { ModelRow, ModelStageRow } from '../model/model.entity.ts'
import { filesForJob } from '../model/model.ts'
import { InferenceRow, type Photo } from './inference.entity.ts'

const maxBytes = 50 * 1024 * 1024
const maxPixels = 100_000_000

/**
 * Takes a user's uploaded photo into the blob store.
 * @throws DomainError NOT_FOUND for an upload that is not there, BAD_IMAGE for one that is no image
 */
export async function takePhoto(
  blobs: Blobs,
  uploads: string,
  uploadId: string,
  userId: string,
): Promise<Photo> {
  try {
    const upload = await findUpload(uploads, uploadId, userId)
    if (upload.size > maxBytes)
      throw new DomainError(
        'BAD_IMAGE',
        `${upload.fileName} has ${upload.size} bytes; ${maxBytes} are allowed`,
        { uploadId },
      )
    const bytes = await readFile(upload.path)
    const { width, height } = await inspectImage(bytes, maxPixels)
    return { ...(await blobs.put(bytes)), name: upload.fileName, width, height }
  } catch (error) {
    if (error instanceof UploadMissing) throw new DomainError('NOT_FOUND', error.message, { uploadId })
    if (error instanceof BadImage) throw new DomainError('BAD_IMAGE', error.message, { uploadId })
    throw error
  }
}

/** Records an inference on photos and asks the executor for it, ahead of what is not waited for by a person. */
export async function startInference(
  manager: EntityManager,
  bus: Bus,
  {
    model,
    stage,
    photos,
    actorId,
  }: { model: ModelRow; stage: ModelStageRow; photos: Photo[]; actorId: string },
): Promise<InferenceRow> {
  const inference = await manager.save(
    manager.create(InferenceRow, {
      id: randomUUID(),
      projectId: model.projectId,
      stageId: stage.id,
      jobId: randomUUID(),
      state: 'RUNNING',
      photos,
      createdBy: actorId,
    }),
  )
  await bus.emit(manager, JobRequestedSchema, {
    projectId: model.projectId,
    jobId: inference.jobId,
    executorImageId: model.executorImageId,
    imageDigest: model.imageDigest ?? '',
    kinds: ['INFERENCE'],
    classNames: model.classes,
    parametersJson: '{}',
    gpuCount: model.gpuCount,
    candidateImages: photos.map(({ sha256, size }) => ({ sha256, size: BigInt(size) })),
    stageName: stage.name,
    stageFiles: filesForJob(stage.files),
    priority: 10,
    actorId,
  })
  return inference
}
