/** Trains a detector, and tells as it goes. */
import { seededRandom } from '@ymir/detection'
import { Detector } from '../detector/detector.ts'
import { inferenceGraph } from '../detector/inference-graph.ts'
import { networkWidths, type NetworkSize } from '../detector/network.ts'
import { initialWeights, transferWeights, type DetectorWeights } from '../detector/weights.ts'
import { ImageCache } from '../images/image-cache.ts'
import { readLetterbox } from '../images/letterbox.ts'
import { readPicture, readSize, type Size } from '../images/picture.ts'
import type { LabelledImage } from '../objects.ts'
import { endlessly, makeBatch, type BatchOptions } from './batch.ts'
import { evaluate, type Evaluation } from './evaluation.ts'
import { inputSizeFor } from './input-size.ts'
import { rateShare } from './schedule.ts'
import { Trainer, type StepLosses } from './trainer.ts'
import type { Augmentation } from './view.ts'

export interface TrainingParameters {
  /** `medium` if not given; pretrained weights keep the network that they were trained for */
  readonly network?: NetworkSize
  readonly steps: number
  readonly batchSize: number
  readonly learningRate: number
  readonly warmupSteps: number
  readonly weightDecay: number
  /** of the longer side, in pixels */
  readonly inputSize: number
  readonly augmentation: Augmentation
  /** in steps; the last step is always evaluated */
  readonly evaluateEvery: number
  readonly seed: number
  readonly threads: number
  /** for decoded images */
  readonly cacheBytes: number
}

export interface TrainingRequest {
  readonly training: readonly LabelledImage[]
  readonly validation: readonly LabelledImage[]
  readonly classNames: readonly string[]
  readonly parameters: TrainingParameters
  /** from where to go on; its class names may differ */
  readonly pretrained?: DetectorWeights
}

export interface StepReport {
  /** counted from 1 */
  readonly step: number
  readonly losses: StepLosses
  readonly learningRate: number
}

export interface TrainedStage {
  readonly step: number
  readonly weights: DetectorWeights
  /** the ONNX file */
  readonly model: Uint8Array
  readonly evaluation: Evaluation
}

export interface TrainingObserver {
  stepDone(report: StepReport): void
  stageReached(stage: TrainedStage): void
}

/**
 * Trains for the given number of steps; every `evaluateEvery` steps the averaged weights are evaluated on the validation
 * images and handed to the observer. The same request with the same number of threads on the same kind of machine gives
 * the same weights: all chance comes from the seed, and onnxruntime adds up in an order that depends on the threads.
 * @returns the last stage
 * @throws ExecutorFailure UNREADABLE_IMAGE, NOT_A_NUMBER
 */
export async function train(request: TrainingRequest, observer: TrainingObserver): Promise<TrainedStage> {
  const { parameters, training } = request
  const { steps, threads, evaluateEvery } = parameters
  const random = seededRandom(parameters.seed)
  const input = await inputSizeOf(training, parameters.inputSize)
  const options: BatchOptions = { ...parameters, ...input, classNames: request.classNames }
  const pictures = new ImageCache((path) => readPicture(path, input), parameters.cacheBytes)
  const validator = validation(request, input)
  const trainer = await Trainer.start(startingWeights(request, random), options, threads)
  try {
    const order = endlessly(training, random)
    const nextBatch = () =>
      makeBatch(
        Array.from({ length: options.batchSize }, () => order.next().value),
        options,
        pictures,
        random,
      )
    for (let step = 1; ; step++) {
      const learningRate = parameters.learningRate * rateShare(step - 1, steps, parameters.warmupSteps)
      const losses = await trainer.step(await nextBatch(), {
        learningRate,
        weightDecay: parameters.weightDecay,
      })
      observer.stepDone({ step, losses, learningRate })
      if (step % evaluateEvery !== 0 && step < steps) continue
      const stage = await validator(step, trainer.weights())
      observer.stageReached(stage)
      if (step >= steps) return stage
    }
  } finally {
    await trainer.release()
  }
}

function startingWeights(
  { pretrained, classNames, parameters }: TrainingRequest,
  random: () => number,
): DetectorWeights {
  if (pretrained) return transferWeights(pretrained, classNames, random)
  return initialWeights({ widths: networkWidths[parameters.network ?? 'medium'], classNames }, random)
}

async function inputSizeOf(images: readonly LabelledImage[], longerSide: number): Promise<Size> {
  const sizes: Size[] = []
  for (const image of images) sizes.push(await readSize(image.path))
  return inputSizeFor(sizes, longerSide)
}

/** Validation images are decoded once, as far as the budget goes. */
function validation({ validation, parameters }: TrainingRequest, input: Size) {
  const letterboxes = new ImageCache((path) => readLetterbox(path, input), parameters.cacheBytes / 2)
  return async (step: number, weights: DetectorWeights): Promise<TrainedStage> => {
    const model = inferenceGraph(weights, input)
    const detector = await Detector.load(model, parameters.threads)
    try {
      const evaluation = await evaluate(detector, validation, (path) => letterboxes.get(path))
      return { step, weights, model, evaluation }
    } finally {
      await detector.release()
    }
  }
}
