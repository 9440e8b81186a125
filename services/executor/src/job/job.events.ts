import type { Bus } from '@ymir/bus'
import { JobRequestedSchema, type JobRequested } from '@ymir/proto-events'
import { log } from '@ymir/service'
import type { EntityManager } from 'typeorm'
import { z } from 'zod'
import type { Chunk } from '../contract/chunk.ts'
import { ExecutorImage } from '../image/image.entity.ts'
import type { Dispatcher } from '../queue/dispatcher.ts'
import { failureOf, JobProblem } from './failure.ts'
import { JobKind, type JobRequest } from './job.ts'
import { enqueueJob, moveJob, type NewJob } from './transition.ts'

/** Queues the jobs that other services ask for; a job that cannot run is refused at once, with the reason. */
export function listen(bus: Pick<Bus, 'handle' | 'emit'>, dispatcher: Dispatcher): void {
  bus.handle(JobRequestedSchema, async (event, occurrence) => {
    const job = newJobOf(event)
    if (!job) return
    if (!(await enqueueJob(occurrence.manager, bus, job))) return
    const problem = problemOfRequest(event) ?? (await problemOfJob(job, dispatcher, occurrence.manager))
    if (problem) {
      await moveJob(occurrence.manager, bus, job.id, { to: 'FAILED', failure: failureOf(problem, '') })
      return
    }
    occurrence.afterCommit(() => void dispatcher.wake())
  })
}

/** A request under an id that cannot be a job's has nobody to tell: it is noted in the log and passed over. */
function newJobOf(event: JobRequested): NewJob | undefined {
  if (!z.guid().safeParse(event.jobId).success) {
    log.error(`a job was requested under "${event.jobId}", which is no UUID`)
    return undefined
  }
  const { projectId, executorImageId, gpuCount, priority, actorId } = event
  return {
    id: event.jobId,
    projectId,
    executorImageId,
    kinds: event.kinds.filter(isKind),
    request: requestOf(event),
    gpuCount: Math.max(0, gpuCount),
    priority,
    actorId,
    imageDigest: event.imageDigest || null,
  }
}

function requestOf(event: JobRequested): JobRequest {
  const { stageName, stageFiles } = event
  return {
    classNames: event.classNames,
    parameters: parametersOf(event) ?? {},
    trainingVersionId: event.trainingVersionId || undefined,
    validationVersionId: event.validationVersionId || undefined,
    candidateVersionId: event.candidateVersionId || undefined,
    candidateChunk: event.candidateChunk && chunkOf(event.candidateChunk),
    candidateImages: event.candidateImages.map(({ sha256, size }) => ({ sha256, size: Number(size) })),
    stage: stageName
      ? {
          name: stageName,
          files: stageFiles.map(({ name, blob }) => ({
            name,
            sha256: blob?.sha256 ?? '',
            size: Number(blob?.size ?? 0),
          })),
        }
      : undefined,
  }
}

function chunkOf({ seed, count, number }: Chunk) {
  return { seed, count, number }
}

function problemOfRequest(event: JobRequested): JobProblem | undefined {
  const unknown = event.kinds.find((kind) => !isKind(kind))
  if (unknown !== undefined) return bad(`"${unknown}" is no kind of job`)
  if (!parametersOf(event)) return bad('the parameters are not a JSON object')
  const { candidateChunk: chunk } = event
  if (chunk && !(chunk.number >= 0 && chunk.number < chunk.count))
    return bad(`there is no chunk ${chunk.number} of ${chunk.count}`)
  if (event.gpuCount < 0)
    return bad(`the job asks for ${event.gpuCount} GPUs`, 'Ask for 0 GPUs, which runs on the CPU, or more.')
  return undefined
}

/** Why a job cannot run on this machine with this image, whatever it waits for. */
export async function problemOfJob(
  { kinds, gpuCount, executorImageId }: Pick<NewJob, 'kinds' | 'gpuCount' | 'executorImageId'>,
  { slots }: Pick<Dispatcher, 'slots'>,
  manager: EntityManager,
): Promise<JobProblem | undefined> {
  if (kinds.length === 0) return bad('the job asks for nothing')
  if (kinds.includes('TRAINING') && kinds.length > 1)
    return bad('training cannot be combined with mining or inference')
  const gpus = slots.filter(({ kind }) => kind === 'GPU').length
  if (gpuCount > gpus)
    return bad(
      `the job asks for ${gpuCount} GPUs, this machine has ${gpus}`,
      'Ask for fewer GPUs; 0 runs on the CPU.',
    )
  const id = z.guid().safeParse(executorImageId)
  const image = id.success && (await manager.getRepository(ExecutorImage).findOneBy({ id: id.data }))
  if (!image) return new JobProblem('IMAGE_MISSING', `there is no executor image ${executorImageId}`)
  if (!image.enabled) return new JobProblem('IMAGE_MISSING', `the executor image "${image.name}" is disabled`)
  if (image.state !== 'READY' && !image.digest)
    return new JobProblem(
      'IMAGE_MISSING',
      `the executor image "${image.name}" is not READY: it is ${image.state}`,
      {
        advice: image.problem?.advice ?? 'Wait until it was pulled, or choose another image.',
      },
    )
  const missing = kinds.filter((kind) => !image.kinds.includes(kind))
  if (missing.length) return bad(`the executor image "${image.name}" does not do ${missing.join(' and ')}`)
  return undefined
}

function bad(message: string, advice?: string): JobProblem {
  return new JobProblem('BAD_CONFIGURATION', message, { advice })
}

const parametersFile = z.record(z.string(), z.unknown())

function parametersOf({ parametersJson }: JobRequested): JobRequest['parameters'] | undefined {
  try {
    return parametersFile.safeParse(JSON.parse(parametersJson || '{}')).data
  } catch {
    return undefined
  }
}

function isKind(kind: string): kind is JobKind {
  return kind in JobKind
}
