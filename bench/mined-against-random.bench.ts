/**
 * What mining is worth: the demo's loop with mined picks against the same loop with random picks. Both arms start from
 * the same model and train for equally many steps on equally many photos; all that differs is which photos are labelled.
 *
 *   npx tsx bench/mined-against-random.bench.ts [--seeds 3] [--first 2000] [--steps 1000] [--rounds 4] [--mine 20]
 *
 * Each seed has photos, first weights and order of its own. Prints mAP at IoU 0.5 on 100 test photos after each round,
 * each seed's difference after the last with the interval that this test set allows (paired bootstrap), and the mean
 * difference over the seeds with its 95 % interval (Student's t). About ten minutes a seed on 2 cores.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { augmentation, budgets, demoSets, kinds, requestsOf, takePhotos } from '@ymir/deploy/bricks'
import type { BrickSet } from '@ymir/deploy/bricks'
import { bootstrapGain, evaluateCoco, seededRandom, type Detection } from '@ymir/detection'
import {
  Detector,
  detectImages,
  imageScore,
  train,
  type DetectorWeights,
  type LabelledImage,
  type MiningStrategy,
  type TrainingParameters,
} from '@ymir/executor-onnx'

interface Options {
  readonly seeds: number
  /** steps of the training that both arms begin with */
  readonly first: number
  /** steps of the training in each round */
  readonly steps: number
  readonly rounds: number
  /** photos labelled in each round */
  readonly mine: number
}

interface Sets {
  readonly train: readonly LabelledImage[]
  readonly test: readonly LabelledImage[]
  readonly pool: readonly LabelledImage[]
}

interface Model {
  readonly weights: DetectorWeights
  readonly detector: Detector
}

/** What an arm finds on the test set in the end, and how it came there. */
interface Course {
  /** at IoU 0.5, 0..1, after each round; the first is that of the common model */
  readonly map50: readonly number[]
  readonly detections: readonly Detection[]
}

const threads = availableParallelism()
const thresholds = { overlapThreshold: 0.5, batchSize: 8 }
const evaluatedScore = 0.01
const minedScore = 0.1

async function main(): Promise<void> {
  const options = readOptions()
  const differences: number[] = []
  for (let seed = 1; seed <= options.seeds; seed++) {
    const folder = mkdtempSync(join(tmpdir(), 'ymir-bench-'))
    try {
      differences.push(await compare(seed, await photograph(seed, folder), options))
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
  const { mean, halfWidth } = meanWithInterval(differences)
  console.log(
    `mined minus random after ${options.rounds} rounds: ${points(mean)} points of mAP@0.5` +
      (options.seeds > 1
        ? `, 95 % interval ${points(mean - halfWidth)} to ${points(mean + halfWidth)}`
        : '') +
      ` (${options.seeds} seeds)`,
  )
}

/** @returns mAP of the mined arm minus that of the random arm, 0..1 */
async function compare(seed: number, sets: Sets, options: Options): Promise<number> {
  const parameters = { ...trainingParameters(seed), steps: options.first }
  const first = await trained(sets.train, sets, parameters)
  const arm = (strategy: MiningStrategy) => run(strategy, seed, first, sets, options)
  const mined = await arm('entropy')
  const random = await arm('random')
  for (const [name, { map50 }] of Object.entries({ mined, random }))
    console.log(`seed ${seed}, ${name.padEnd(6)}: ${map50.map((value) => percent(value)).join('  ')}`)
  const difference = (mined.map50.at(-1) ?? NaN) - (random.map50.at(-1) ?? NaN)
  const interval = bootstrapGain(
    testSet(sets.test),
    { before: random.detections, after: mined.detections },
    { seed },
  )
  if (interval)
    console.log(
      `seed ${seed}: mined minus random ${points(difference)} points, ` +
        `on this test set ${points(interval.low)} to ${points(interval.high)}`,
    )
  return difference
}

async function run(
  strategy: MiningStrategy,
  seed: number,
  first: Model,
  sets: Sets,
  { rounds, mine, steps }: Options,
): Promise<Course> {
  let [model, training, pool] = [first, sets.train, sets.pool]
  let found = await detections(first.detector, sets.test)
  const map50 = [meanAveragePrecision(sets.test, found)]
  for (let round = 1; round <= rounds; round++) {
    const picked = await pick(strategy, seed * 100 + round, model.detector, pool, mine)
    training = [...training, ...picked]
    pool = pool.filter((image) => !picked.has(image))
    const next = await trained(training, sets, { ...trainingParameters(seed), steps }, model.weights)
    if (model !== first) await model.detector.release()
    model = next
    found = await detections(model.detector, sets.test)
    map50.push(meanAveragePrecision(sets.test, found))
  }
  return { map50, detections: found }
}

/** As the mining job of the reference executor does, with the demo's aggregate. */
async function pick(
  strategy: MiningStrategy,
  seed: number,
  detector: Detector,
  pool: readonly LabelledImage[],
  count: number,
): Promise<Set<LabelledImage>> {
  const random = seededRandom(seed)
  const how = { strategy, aggregation: 'sum', scoreWithoutDetections: 0 } as const
  const paths = pool.map(({ path }) => path)
  const scores: number[] = []
  for await (const { detections } of detectImages(detector, paths, {
    ...thresholds,
    scoreThreshold: minedScore,
  }))
    scores.push(imageScore(detections, how, random))
  const best = pool.map((image, i) => ({ image, score: scores[i] ?? 0 })).sort((a, b) => b.score - a.score)
  return new Set(best.slice(0, count).map(({ image }) => image))
}

async function trained(
  training: readonly LabelledImage[],
  { test }: Sets,
  parameters: TrainingParameters,
  pretrained?: DetectorWeights,
): Promise<Model> {
  const request = { training, validation: test.slice(0, 1), classNames: kinds, parameters, pretrained }
  const { weights, model } = await train(request, { stepDone: () => {}, stageReached: () => {} })
  return { weights, detector: await Detector.load(model, threads) }
}

function trainingParameters(seed: number): TrainingParameters {
  const { batch_size, learning_rate, input_size, steps } = budgets.full
  const { flip_vertical, quarter_turns, scale_jitter, colour_jitter } = augmentation
  return {
    steps,
    batchSize: batch_size,
    learningRate: learning_rate,
    inputSize: input_size,
    warmupSteps: 50,
    weightDecay: 0.1,
    augmentation: {
      flipHorizontal: true,
      flipVertical: flip_vertical,
      quarterTurns: quarter_turns,
      scale: [1 / (1 + scale_jitter), 1 + scale_jitter],
      colour: colour_jitter,
    },
    evaluateEvery: Number.MAX_SAFE_INTEGER, // the last step only
    seed,
    threads,
    cacheBytes: 2 ** 30,
  }
}

/** The demo's three sets, as files. */
async function photograph(seed: number, folder: string): Promise<Sets> {
  const { train, test, pool } = demoSets('full', seed)
  return {
    train: await photos(train, folder),
    test: await photos(test, folder),
    pool: await photos(pool, folder),
  }
}

async function photos(set: BrickSet, folder: string): Promise<LabelledImage[]> {
  const images: LabelledImage[] = []
  mkdirSync(join(folder, set.name))
  for await (const { jpeg, bricks } of takePhotos(requestsOf(set), threads)) {
    const path = join(folder, set.name, `${images.length}.jpg`)
    writeFileSync(path, jpeg)
    const objects = bricks.map(({ kind, xmin, ymin, xmax, ymax }) => ({
      label: kind,
      box: { x: xmin, y: ymin, width: xmax - xmin + 1, height: ymax - ymin + 1 },
    }))
    images.push({ path, objects })
  }
  return images
}

async function detections(detector: Detector, images: readonly LabelledImage[]): Promise<Detection[]> {
  const all: Detection[] = []
  const paths = images.map(({ path }) => path)
  let imageId = 0
  for await (const { detections } of detectImages(detector, paths, {
    ...thresholds,
    scoreThreshold: evaluatedScore,
  })) {
    for (const { label, box, score } of detections) all.push({ imageId, label, box, score })
    imageId++
  }
  return all
}

const testSet = (images: readonly LabelledImage[]) => ({
  images: images.map((_, imageId) => imageId),
  labels: kinds,
  groundTruth: images.flatMap(({ objects }, imageId) =>
    objects.map(({ label, box }) => ({ imageId, label, box })),
  ),
})

const meanAveragePrecision = (images: readonly LabelledImage[], detections: readonly Detection[]): number =>
  evaluateCoco({ ...testSet(images), detections }).summary.AP50 ?? NaN

/** Two-sided 95 % quantiles of Student's t for 1, 2, ... degrees of freedom. */
const tQuantiles = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262]

function meanWithInterval(values: readonly number[]): { mean: number; halfWidth: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const deviation = Math.sqrt(squares / (values.length - 1) / values.length)
  return { mean, halfWidth: (tQuantiles[values.length - 2] ?? 1.96) * deviation }
}

function readOptions(): Options {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    options: { seeds: text, first: text, steps: text, rounds: text, mine: text },
  })
  const whole = (value: string | undefined, usual: number) => (value === undefined ? usual : Number(value))
  return {
    seeds: whole(values.seeds, 3),
    first: whole(values.first, 2_000),
    steps: whole(values.steps, 1_000),
    rounds: whole(values.rounds, 4),
    mine: whole(values.mine, 20),
  }
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
const points = (share: number): string => `${share < 0 ? '' : '+'}${(share * 100).toFixed(2)}`

await main()
