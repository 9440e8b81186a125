import type { ImageDescription, Template } from '../image/image.ts'
import { JobProblem } from '../job/failure.ts'
import type { JobKind, JobRequest } from '../job/job.ts'
import { inImage } from './layout.ts'
import { taskIdOf } from './task-id.ts'

/** What config.yaml is made of. */
export interface ConfigurationRequest {
  readonly jobId: string
  readonly kinds: readonly JobKind[]
  readonly image: ImageDescription
  readonly request: Pick<JobRequest, 'classNames' | 'parameters' | 'stage'>
  readonly gpuCount: number
}

const DETECTION = 2

/**
 * The content of /in/config.yaml: the templates of what is asked for, over them the user's parameters, over those the
 * keys that the system reserves, whatever the others say.
 * @throws JobProblem BAD_CONFIGURATION when the image does not do what is asked
 */
export function configurationOf({ jobId, kinds, image, request, gpuCount }: ConfigurationRequest): Template {
  const merged: Record<string, unknown> = { ...templatesFor(kinds, image), ...request.parameters }
  for (const key of reservedKeys) delete merged[key]
  return {
    ...merged,
    task_id: taskIdOf(jobId),
    class_names: [...request.classNames],
    gpu_id: Array.from({ length: gpuCount }, (_, index) => index).join(','),
    gpu_count: gpuCount,
    object_type: image.objectTypes.includes(DETECTION) ? DETECTION : (image.objectTypes[0] ?? DETECTION),
    ...modelKeys(kinds, modelPaths(request.stage)),
  }
}

/** Keys of config.yaml that the system writes, whatever a template or a user says. */
export const reservedKeys: readonly string[] = [
  'task_id',
  'class_names',
  'gpu_id',
  'gpu_count',
  'object_type',
  'pretrained_model_params',
  'model_params_path',
  'run_mining',
  'run_infer',
]

function templatesFor(kinds: readonly JobKind[], { templates, kinds: known }: ImageDescription): Template {
  const missing = kinds.filter((kind) => !templates[kind])
  if (missing.length)
    throw new JobProblem(
      'BAD_CONFIGURATION',
      `the executor image has no template for ${missing.join(' and ')}; it does ${known.join(', ')}`,
      { advice: 'Choose an image that does what is asked.' },
    )
  return Object.assign({}, ...kinds.map((kind) => templates[kind])) as Template // Object.assign of several gives any
}

/** The key for pretrained weights is absent when training from scratch. */
function modelKeys(kinds: readonly JobKind[], models: readonly string[]): Template {
  if (kinds.includes('TRAINING')) return models.length ? { pretrained_model_params: models } : {}
  return {
    model_params_path: models,
    run_mining: kinds.includes('MINING'),
    run_infer: kinds.includes('INFERENCE'),
  }
}

/** The files of a stage as the image sees them. */
export function modelPaths(stage: JobRequest['stage']): string[] {
  return (stage?.files ?? []).map(({ name }) => `${inImage.models}/${stage?.name}/${name}`)
}

const gibibyte = 2 ** 30
const units: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: gibibyte, T: 2 ** 40 }

/**
 * Bytes of `/dev/shm`: the configuration's `shm_size` (e.g. 128G), else 16 GiB for each GPU and at least one of them.
 * @throws JobProblem BAD_CONFIGURATION
 */
export function sharedMemoryBytes({ shm_size: asked }: Template, gpuCount: number): number {
  if (asked === undefined || asked === null || asked === '') return 16 * gibibyte * Math.max(1, gpuCount)
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?$/i.exec(String(asked).trim()) ?? []
  const factor = units[unit?.toUpperCase() ?? '']
  if (amount === undefined || factor === undefined)
    throw new JobProblem('BAD_CONFIGURATION', `shm_size is "${String(asked)}": write a size such as 16G`)
  return Math.floor(Number(amount) * factor)
}
