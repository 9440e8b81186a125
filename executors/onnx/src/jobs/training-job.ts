/** A training job, from its files to its files. */
import { readFile } from 'node:fs/promises'
import { readGroundTruth } from '../contract/annotations.ts'
import { readTrainingConfiguration, type TrainingConfiguration } from '../contract/configuration.ts'
import type { JobEnvironment } from '../contract/environment.ts'
import { ExecutorFailure } from '../contract/failure.ts'
import { readTrainingIndex } from '../contract/index-files.ts'
import type { Monitor } from '../contract/monitor.ts'
import type { JobFolders } from '../contract/paths.ts'
import { ScalarLog } from '../contract/tensorboard.ts'
import { TrainingResult } from '../contract/training-result.ts'
import { decodeWeights } from '../detector/safetensors.ts'
import type { DetectorWeights } from '../detector/weights.ts'
import type { LabelledImage } from '../objects.ts'
import { train, type StepReport, type TrainedStage, type TrainingObserver } from '../training/train.ts'

/** Share of the progress bar for reading what there is. */
const PREPARED = 0.02
/** Losses are averaged over this many steps before they are logged. */
const LOG_EVERY = 10

/** @throws ExecutorFailure of any kind */
export async function runTraining(
  environment: JobEnvironment,
  folders: JobFolders,
  monitor: Monitor,
): Promise<void> {
  const { files } = environment
  const configuration = await readTrainingConfiguration(files.config, folders)
  const training = await readSet(files.trainingIndex, 'training', configuration, folders)
  const validation = await readSet(files.validationIndex, 'validation', configuration, folders)
  refuseEmptyTraining(training, configuration)
  const pretrained = await readPretrained(configuration.pretrainedFiles)
  monitor.running(PREPARED)

  const { classNames, parameters } = configuration
  console.log(
    `training on ${training.length} images, validating on ${validation.length}; classes ${classNames.join(', ')};`,
    `${parameters.steps} steps of ${parameters.batchSize}, ${parameters.threads} threads,`,
    pretrained ? 'going on from pretrained weights' : 'from scratch',
  )
  const observer = new JobObserver(
    parameters.steps,
    monitor,
    new ScalarLog(files.tensorboardFolder),
    new TrainingResult(files.modelsFolder, files.trainingResult, configuration.savedStages),
  )
  await train({ training, validation, classNames, parameters, pretrained }, observer)
}

class JobObserver implements TrainingObserver {
  private recent: StepReport[] = []

  constructor(
    private readonly steps: number,
    private readonly monitor: Monitor,
    private readonly scalars: ScalarLog,
    private readonly result: TrainingResult,
  ) {}

  stepDone(report: StepReport): void {
    this.monitor.running(PREPARED + (1 - PREPARED) * (report.step / (this.steps + 1)))
    this.recent.push(report)
    if (report.step % LOG_EVERY !== 0 && report.step < this.steps) return
    const mean = (pick: (report: StepReport) => number) =>
      this.recent.reduce((sum, one) => sum + pick(one), 0) / this.recent.length
    const heat = mean(({ losses }) => losses.heat)
    const classes = mean(({ losses }) => losses.classes)
    const box = mean(({ losses }) => losses.box)
    this.scalars.write(report.step, {
      'train/loss': heat + classes + box,
      'train/heat_loss': heat,
      'train/class_loss': classes,
      'train/box_loss': box,
      'train/learning_rate': report.learningRate,
    })
    this.recent = []
  }

  stageReached(stage: TrainedStage): void {
    const { map50, map, mar } = stage.evaluation
    this.result.add(stage)
    this.scalars.write(stage.step, { 'val/mAP': map50, 'val/mAP50-95': map, 'val/mAR': mar })
    console.log(`step ${stage.step}: mAP ${map50.toFixed(4)} at IoU 0.5, ${map.toFixed(4)} at 0.5:0.95`)
  }
}

async function readSet(
  index: string | undefined,
  purpose: string,
  { annotationFormat, classNames }: TrainingConfiguration,
  folders: JobFolders,
): Promise<readonly LabelledImage[]> {
  const lines = await readTrainingIndex(index, purpose, folders)
  const { images, leftOut } = await readGroundTruth(lines, annotationFormat, classNames)
  if (leftOut > 0)
    console.warn(`${purpose}: ${leftOut} boxes left out (no area, or a class that is not trained)`)
  return images
}

function refuseEmptyTraining(images: readonly LabelledImage[], { classNames }: TrainingConfiguration): void {
  if (images.some((image) => image.objects.length > 0)) return
  const message = `none of the ${images.length} training images has an object of the classes ${classNames.join(', ')}`
  throw new ExecutorFailure('NO_DATA', `${message}; label some, or check class_names and export_format`)
}

async function readPretrained(files: readonly string[]): Promise<DetectorWeights | undefined> {
  if (files.length === 0) return undefined
  const file = files.find((name) => name.endsWith('.safetensors'))
  if (file === undefined) {
    const message = `pretrained_model_params has no .safetensors file (${files.join(', ')})`
    throw new ExecutorFailure('MISSING_MODEL', `${message}; choose a stage that this image trained`)
  }
  return decodeWeights(await readModelFile(file), file)
}

/** @throws ExecutorFailure MISSING_MODEL */
export async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new ExecutorFailure('MISSING_MODEL', `${path}: the model file cannot be read`, { cause })
  }
}
