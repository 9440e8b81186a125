/** config.yaml: the template's hyper-parameters as the user changed them, and the keys that the system reserves. */
import { availableParallelism } from 'node:os'
import { z } from 'zod'
import { networkWidths, type NetworkSize } from '../detector/network.ts'
import { views, type ViewName } from '../images/view.ts'
import { miningAggregations, miningStrategies } from '../mining/scores.ts'
import type { TrainingParameters } from '../training/train.ts'
import type { AnnotationFormat } from './annotations.ts'
import { parseYamlFile } from './environment.ts'
import { ExecutorFailure } from './failure.ts'
import { localPath, type JobFolders } from './paths.ts'

const OBJECT_DETECTION = 2

/** A form on a page gives text for numbers. */
const number = z.coerce.number({ error: 'must be a number' })
const whole = number.int('must be a whole number')
const count = whole.min(1, 'must be 1 or more')
const share = number.min(0, 'must lie between 0 and 1').max(1, 'must lie between 0 and 1')
const flag = z.union([z.boolean(), z.stringbool(), z.number().transform((value) => value !== 0)])
/** Class names such as 0 to 13 arrive as numbers. */
const name = z.union([z.string(), z.number()]).transform(String)
const names = z
  .array(name)
  .nullish()
  .transform((list) => list ?? [])
const threads = whole
  .min(0)
  .default(0)
  .transform((value) => (value === 0 ? availableParallelism() : value))

/** `flip, brighter`, or a list. */
const viewNames = z
  .union([z.array(z.string()), z.string().transform((text) => text.split(/[\s,]+/).filter(Boolean))])
  .pipe(z.array(z.enum(Object.keys(views) as ViewName[]))) // the keys are the names

const reserved = {
  class_names: names,
  object_type: whole.optional(),
}

const trainingFile = z.object({
  ...reserved,
  pretrained_model_params: names,
  export_format: z.string().default('voc:raw'),
  network: z.enum(Object.keys(networkWidths) as NetworkSize[]).default('medium'), // the keys are the sizes
  steps: count.default(600),
  batch_size: count.default(8),
  learning_rate: number.positive('must be above 0').default(0.003),
  warmup_steps: whole.min(0).default(50),
  weight_decay: number.min(0).default(0.1),
  input_size: whole.min(32, 'must be 32 or more').max(1024, 'must be 1024 or less').default(192),
  flip_horizontal: flag.default(true),
  flip_vertical: flag.default(false),
  quarter_turns: flag.default(false),
  scale_jitter: share.default(0.3),
  colour_jitter: share.default(0.3),
  evaluate_every: count.default(100),
  save_stages: count.max(10, 'must be 10 or less').default(5),
  seed: whole.default(1),
  threads,
  cache_megabytes: whole.min(0).default(1024),
})

const detectionFile = z.object({
  ...reserved,
  model_params_path: names,
  batch_size: count.default(8),
  score_threshold: share.default(0.05),
  overlap_threshold: share.default(0.5),
  threads,
})

const miningFile = z.object({
  ...detectionFile.shape,
  strategy: z.enum(miningStrategies).default('entropy'),
  aggregation: z.enum(miningAggregations).default('mean'),
  mining_score_threshold: share.default(0.1),
  score_without_detections: number.default(0),
  views: viewNames.default([]),
  heat_maps: flag.default(false),
  seed: whole.default(1),
})

export interface TrainingConfiguration {
  readonly classNames: readonly string[]
  readonly pretrainedFiles: readonly string[]
  readonly annotationFormat: AnnotationFormat
  readonly savedStages: number
  readonly parameters: TrainingParameters
}

/** @throws ExecutorFailure CONFIGURATION, UNSUPPORTED_OBJECT_TYPE */
export async function readTrainingConfiguration(
  path: string,
  folders: JobFolders,
): Promise<TrainingConfiguration> {
  const file = await parseYamlFile(path, trainingFile)
  requireDetection(file.object_type, path)
  return {
    classNames: requireClassNames(file.class_names, path),
    pretrainedFiles: file.pretrained_model_params.map((name) => localPath(name, folders)),
    annotationFormat: annotationFormat(file.export_format, path),
    savedStages: file.save_stages,
    parameters: {
      network: file.network,
      steps: file.steps,
      batchSize: file.batch_size,
      learningRate: file.learning_rate,
      warmupSteps: file.warmup_steps,
      weightDecay: file.weight_decay,
      inputSize: file.input_size,
      augmentation: {
        flipHorizontal: file.flip_horizontal,
        flipVertical: file.flip_vertical,
        quarterTurns: file.quarter_turns,
        scale: [1 / (1 + file.scale_jitter), 1 + file.scale_jitter],
        colour: file.colour_jitter,
      },
      evaluateEvery: file.evaluate_every,
      seed: file.seed,
      threads: file.threads,
      cacheBytes: file.cache_megabytes * 2 ** 20,
    },
  }
}

export interface DetectionConfiguration {
  readonly classNames: readonly string[]
  readonly modelFiles: readonly string[]
  readonly batchSize: number
  readonly scoreThreshold: number
  readonly overlapThreshold: number
  readonly threads: number
}

/** @throws ExecutorFailure CONFIGURATION, UNSUPPORTED_OBJECT_TYPE */
export async function readDetectionConfiguration(
  path: string,
  folders: JobFolders,
): Promise<DetectionConfiguration> {
  const file = await parseYamlFile(path, detectionFile)
  requireDetection(file.object_type, path)
  return {
    classNames: file.class_names,
    modelFiles: file.model_params_path.map((name) => localPath(name, folders)),
    batchSize: file.batch_size,
    scoreThreshold: file.score_threshold,
    overlapThreshold: file.overlap_threshold,
    threads: file.threads,
  }
}

export interface MiningConfiguration {
  readonly strategy: (typeof miningStrategies)[number]
  readonly aggregation: (typeof miningAggregations)[number]
  readonly scoreThreshold: number
  readonly scoreWithoutDetections: number
  readonly views: readonly ViewName[]
  /** whether to tell where objects may be, cell by cell */
  readonly heatMaps: boolean
  readonly seed: number
}

/** @throws ExecutorFailure CONFIGURATION */
export async function readMiningConfiguration(path: string): Promise<MiningConfiguration> {
  const file = await parseYamlFile(path, miningFile)
  return {
    strategy: file.strategy,
    aggregation: file.aggregation,
    scoreThreshold: file.mining_score_threshold,
    scoreWithoutDetections: file.score_without_detections,
    views: file.views,
    heatMaps: file.heat_maps,
    seed: file.seed,
  }
}

function requireDetection(objectType: number | undefined, path: string): void {
  if (objectType === undefined || objectType === OBJECT_DETECTION) return
  const message = `${path}: object_type is ${objectType}; this image does object detection (${OBJECT_DETECTION}) only`
  throw new ExecutorFailure('UNSUPPORTED_OBJECT_TYPE', message)
}

function requireClassNames(classNames: readonly string[], path: string): readonly string[] {
  const repeated = classNames.find((className, index) => classNames.indexOf(className) !== index)
  if (repeated !== undefined)
    throw new ExecutorFailure(
      'CONFIGURATION',
      `${path}: class_names has "${repeated}" twice; name each class once`,
    )
  if (classNames.length === 0)
    throw new ExecutorFailure('CONFIGURATION', `${path}: class_names is empty; name the classes to train`)
  return classNames
}

const annotationFormats: Record<string, AnnotationFormat> = {
  voc: 'voc',
  'det-voc': 'voc',
  ark: 'ark',
  'det-ark': 'ark',
  coco: 'coco',
  'seg-coco': 'coco',
}

function annotationFormat(exportFormat: string, path: string): AnnotationFormat {
  const [annotation = ''] = exportFormat.split(':')
  const format = annotationFormats[annotation]
  if (format !== undefined) return format
  const known = Object.keys(annotationFormats).join(', ')
  const message = `${path}: export_format "${exportFormat}" is not known; use one of ${known}, followed by :raw`
  throw new ExecutorFailure('CONFIGURATION', message)
}
