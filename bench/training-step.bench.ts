/**
 * A training step of the reference executor: 8 images of 160 x 160 pixels, 14 classes, the `medium` network.
 *
 *   npx tsx bench/training-step.bench.ts
 *
 * The limit it is held against is measured in the same run: the same network's inference on the same batch by the same
 * engine. Backpropagation computes each layer twice more (once for its input, once for its weights), so three times the
 * inference is what a step would take if batch statistics, losses, targets and the optimiser were free.
 */
import { availableParallelism } from 'node:os'
import { seededRandom } from '@ymir/detection'
import { inferenceGraph, initialWeights, networkWidths, Trainer } from '@ymir/executor-onnx'
import * as ort from 'onnxruntime-node'

const [batchSize, side, classCount] = [8, 160, 14]
const classNames = Array.from({ length: classCount }, (_, i) => `class ${i}`)
const threads = availableParallelism()
const [warmUps, runs] = [5, 40]

async function main(): Promise<void> {
  const random = seededRandom(1)
  const weights = initialWeights({ widths: networkWidths.medium, classNames }, random)
  const trainer = await Trainer.start(weights, { batchSize, width: side, height: side }, threads)
  const batch = randomBatch(random)
  const rates = { learningRate: 0.001, weightDecay: 0.1 }

  const session = await ort.InferenceSession.create(inferenceGraph(weights, { width: side, height: side }), {
    intraOpNumThreads: threads,
    logSeverityLevel: 3,
  })
  const pixels = Uint8Array.from({ length: batchSize * side * side * 3 }, () => random() * 256)
  const images = new ort.Tensor('uint8', pixels, [batchSize, side, side, 3])

  // in turns, so that a busy minute of the machine hits both
  const steps: number[] = []
  const inferences: number[] = []
  for (let run = 0; run < warmUps + runs; run++) {
    const step = await timed(() => trainer.step(batch, rates))
    const inference = await timed(() => session.run({ images }))
    if (run < warmUps) continue
    steps.push(step)
    inferences.push(inference)
  }
  await trainer.release()
  await session.release()

  const step = median(steps)
  const limit = 3 * median(inferences)
  console.log(`${weights.parameters.length} weights, ${threads} threads, ${runs} runs each`)
  console.log(`training step: median ${step.toFixed(1)} ms, best ${Math.min(...steps).toFixed(1)} ms`)
  console.log(`inference of the same batch: median ${median(inferences).toFixed(1)} ms`)
  console.log(`ratio to the limit of three inferences (${limit.toFixed(1)} ms): ${(step / limit).toFixed(2)}`)
}

/** Objects of a few cells each, so that every loss has something to do. */
function randomBatch(random: () => number) {
  const cells = (side / 4) ** 2
  const values = (channels: number, value: () => number) =>
    Float32Array.from({ length: batchSize * channels * cells }, value)
  return {
    images: Float32Array.from({ length: batchSize * 3 * side * side }, () => random() * 2 - 1),
    heat: values(1, () => (random() < 0.01 ? 1 : random() * 0.5)),
    classes: values(classCount, () => (random() < 1 / classCount ? 1 : 0)),
    sides: values(4, () => 1 + random() * 4),
    objectWeight: values(1, () => (random() < 0.1 ? 0.1 : 0)),
    objectCount: batchSize * 5,
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN

await main()
