/** Runs training steps: the state lives here, the arithmetic in the training graph. */
import * as ort from 'onnxruntime-node'
import { ExecutorFailure } from '../contract/failure.ts'
import { STRIDE } from '../detector/network.ts'
import { biasCorrection } from '../detector/optimizer.ts'
import { stateNames, trainingGraph, type BatchShape, type StateName } from '../detector/training-graph.ts'
import type { DetectorSpecification, DetectorWeights } from '../detector/weights.ts'
import type { Batch } from './batch.ts'

export interface StepRates {
  readonly learningRate: number
  /** share of each kernel weight that a step at learning rate 1 would take away */
  readonly weightDecay: number
}

export interface StepLosses {
  readonly heat: number
  readonly classes: number
  readonly box: number
}

/** The averaged weights forget with a half-life of about 70 steps; sooner at the beginning. */
const AVERAGE_DECAY = 0.99

export class Trainer {
  private stepCount = 0

  private constructor(
    private readonly session: ort.InferenceSession,
    private readonly specification: DetectorSpecification,
    private readonly shape: BatchShape,
    private state: Record<StateName, ort.Tensor>,
  ) {}

  static async start(weights: DetectorWeights, shape: BatchShape, threads: number): Promise<Trainer> {
    const session = await ort.InferenceSession.create(trainingGraph(weights.specification, shape), {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    })
    const zeros = () => vector(new Float32Array(weights.parameters.length))
    return new Trainer(session, weights.specification, shape, {
      parameters: vector(weights.parameters.slice()),
      mean: zeros(),
      square: zeros(),
      average: vector(weights.parameters.slice()),
      statistics: vector(weights.statistics.slice()),
    })
  }

  /** @throws ExecutorFailure NOT_A_NUMBER when a loss is not finite any more */
  async step(batch: Batch, { learningRate, weightDecay }: StepRates): Promise<StepLosses> {
    const step = ++this.stepCount
    const { batchSize, width, height } = this.shape
    const [rows, columns] = [height / STRIDE, width / STRIDE]
    const tensor = (values: Float32Array, ...dims: number[]) => new ort.Tensor('float32', values, dims)
    const number = (value: number) => tensor(Float32Array.of(value))
    const results = await this.session.run({
      images: tensor(batch.images, batchSize, 3, height, width),
      heat: tensor(batch.heat, batchSize, 1, rows, columns),
      classes: tensor(batch.classes, batchSize, this.specification.classNames.length, rows, columns),
      sides: tensor(batch.sides, batchSize, 4, rows, columns),
      objectWeight: tensor(batch.objectWeight, batchSize, 1, rows, columns),
      scale: number(1 / Math.max(1, batch.objectCount)),
      rate: number(learningRate * biasCorrection(step)),
      decay: number(learningRate * weightDecay),
      averageDecay: number(Math.min(AVERAGE_DECAY, step / (step + 10))),
      ...this.state,
    })
    const output = (name: string): ort.Tensor => {
      const value = results[name]
      if (value === undefined) throw new Error(`the training graph has no output ${name}`)
      return value
    }
    const scalar = (name: string) => Number(output(name).data[0])
    const losses = { heat: scalar('heatLoss'), classes: scalar('classLoss'), box: scalar('boxLoss') }
    if (!Number.isFinite(losses.heat + losses.classes + losses.box))
      throw notANumber(step, losses, learningRate)
    for (const name of stateNames) this.state[name] = output(`next.${name}`)
    return losses
  }

  /** The averaged weights of now: they detect better than those of the last step. */
  weights(): DetectorWeights {
    const copy = (name: StateName) => (this.state[name].data as Float32Array).slice() // all state is float32
    return { specification: this.specification, parameters: copy('average'), statistics: copy('statistics') }
  }

  async release(): Promise<void> {
    await this.session.release()
  }
}

function vector(values: Float32Array): ort.Tensor {
  return new ort.Tensor('float32', values, [values.length])
}

function notANumber(step: number, { heat, classes, box }: StepLosses, learningRate: number): ExecutorFailure {
  const found = `at step ${step} the loss is not a number (heat ${heat}, classes ${classes}, box ${box}, learning rate ${learningRate})`
  return new ExecutorFailure('NOT_A_NUMBER', `${found}; train with a lower learning_rate`)
}
