/**
 * What mining is worth: rounds of mining, labelling and training by each way to choose, against the same rounds with images
 * drawn at random. All arms start from the same model and train for equally many steps; all that differs is which images
 * are labelled. Two arms are no choice but the bounds of any: no image is labelled, or the whole pool at once.
 *
 *   npx tsx bench/learning-effect.bench.ts                                   building bricks
 *   npx tsx bench/learning-effect.bench.ts --train a.zip --test b.zip        Pascal VOC archives: 40 of `a` are the start
 *   [--arms 'random,class balance,core-set,nothing'] [--seeds 4] [--start 40] [--first 2000] [--steps 1000] [--rounds 4] [--mine 20] [--size 160]
 *
 * Seeds run beside each other, a process with one thread each, as many as there are cores. Each seed has a start, first
 * weights and order of its own (bricks: photos of its own as well). Prints for each seed and arm mAP at IoU 0.5 on the test
 * images after each round and the boxes that had to be drawn; and over the seeds the mean difference to `random`, after the
 * last round and as the mean of all rounds (less noisy), each with its 95 % interval (Student's t).
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { augmentation, budgets } from '@ymir/deploy/bricks'
import { bootstrapGain, evaluateCoco, type Detection } from '@ymir/detection'
import {
  Detector,
  detectImages,
  imageScore,
  train,
  type DetectorWeights,
  type ImageDetections,
  type LabelledImage,
  type TrainingParameters,
} from '@ymir/executor-onnx'
import { rankingBy, type Knowledge, type StrategyName } from '@ymir/mining/testing'
import { brickSets, vocSets, type LearningSets } from './learning-sets.ts'

interface Options {
  readonly arms: readonly Arm[]
  readonly train: string | undefined
  readonly test: string | undefined
  readonly seeds: number
  /** images of `train` that are labelled at first */
  readonly start: number
  /** steps of the training that all arms begin with */
  readonly first: number
  /** steps of the training in each round */
  readonly steps: number
  readonly rounds: number
  /** images labelled in each round */
  readonly mine: number
  /** pixels of a side of what the network sees */
  readonly size: number
  /** the seed of this process; undefined in the one that was called */
  readonly only: number | undefined
}

interface Model {
  readonly weights: DetectorWeights
  readonly detector: Detector
}

/** What an arm finds on the test set in the end, and how it came there. */
interface Course {
  /** at IoU 0.5, 0..1, after each round; the first is that of the common model */
  readonly map50: readonly number[]
  /** that people had to draw, over all rounds */
  readonly boxes: number
  readonly detections: readonly Detection[]
}

/** An arm chooses by these strategies of the platform, multiplied where they are several, or it is a bound. */
const arms = {
  random: { strategies: ['RANDOM'] },
  'entropy SUM': { strategies: ['ENTROPY'], aggregate: 'SUM' },
  'entropy MEAN': { strategies: ['ENTROPY'], aggregate: 'MEAN' },
  'class balance': { strategies: ['CLASS_BALANCE'] },
  'entropy x class balance': { strategies: ['ENTROPY', 'CLASS_BALANCE'], aggregate: 'MEAN' },
  PPAL: { strategies: ['PPAL'] },
  'core-set': { strategies: ['CORE_SET'] },
  nothing: 'NOTHING',
  everything: 'EVERYTHING',
} as const satisfies Record<string, Choice>
type Aggregate = 'MAX' | 'MEAN' | 'SUM'
type Choice = { strategies: readonly StrategyName[]; aggregate?: Aggregate } | 'NOTHING' | 'EVERYTHING'
type Arm = keyof typeof arms
const armNames = Object.keys(arms) as Arm[] // exactly its keys
const usualArms: readonly string[] = ['random', 'class balance', 'core-set', 'nothing']
type Courses = Readonly<Partial<Record<Arm, Course>>>
type Brief = Readonly<Partial<Record<Arm, Omit<Course, 'detections'>>>>

const threads = 1
const thresholds = { overlapThreshold: 0.5, batchSize: 8 }
const evaluatedScore = 0.01
const minedScore = 0.1

async function main(): Promise<void> {
  const options = readOptions()
  if (options.only !== undefined) return runSeed(options.only, options)
  const seeds = Array.from({ length: options.seeds }, (_, index) => index + 1).values()
  const all: Brief[] = []
  const runNext = async () => {
    for (const seed of seeds) all.push(await ofProcess(seed))
  }
  await Promise.all(Array.from({ length: availableParallelism() }, runNext))
  console.log(
    `\n| arm | boxes | mAP@0.5 after each round, mean of ${options.seeds} seeds | to random, last | mean |`,
  )
  console.log('| --- | --- | --- | --- | --- |')
  for (const arm of options.arms) console.log(lineOf(arm, all, options))
}

/** Runs a seed in a process of its own. @throws Error when it fails */
async function ofProcess(seed: number): Promise<Brief> {
  const child = fork(import.meta.filename, [...process.argv.slice(2), '--only', String(seed)])
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`seed ${seed} ended with ${String(code)}`)
  })
  const [courses] = (await Promise.race([once(child, 'message'), failed])) as [Brief] // sent by runSeed
  failed.catch(() => {}) // it has told what it found
  return courses
}

async function runSeed(seed: number, options: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ymir-bench-'))
  try {
    const courses = await compare(seed, await setsOf(seed, folder, options), options)
    const told = options.arms.map((arm) => [arm, { ...courses[arm], detections: undefined }])
    await promisify<unknown, void>(process.send!.bind(process))(Object.fromEntries(told))
    process.disconnect()
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function setsOf(seed: number, folder: string, { train, test, start }: Options): Promise<LearningSets> {
  return train && test ? vocSets({ train, test, start, seed }, folder) : brickSets(seed, folder, threads)
}

async function compare(seed: number, sets: LearningSets, options: Options): Promise<Courses> {
  const first = await trained(sets.train, sets, parametersOf(seed, options, options.first))
  const courses: Partial<Record<Arm, Course>> = {}
  for (const arm of options.arms) {
    const course = await runArm(arm, seed, first, sets, options)
    courses[arm] = course
    console.log(`seed ${seed}, ${arm}: ${course.map50.map(percent).join('  ')}, ${course.boxes} boxes`)
    if (arm === 'random' || !courses.random) continue
    const gain = { before: courses.random.detections, after: course.detections }
    const interval = bootstrapGain(testSet(sets), gain, { seed })
    if (interval)
      console.log(
        `seed ${seed}, ${arm}: to random, on this test set ${points(interval.low)} to ${points(interval.high)}`,
      )
  }
  await first.detector.release()
  return courses
}

async function runArm(
  arm: Arm,
  seed: number,
  first: Model,
  sets: LearningSets,
  options: Options,
): Promise<Course> {
  let [model, training, pool] = [first, sets.train, sets.pool]
  let found = await detections(first.detector, sets.test)
  const map50 = [meanAveragePrecision(sets, found)]
  for (let round = 1; round <= options.rounds; round++) {
    const picked = await pick(arms[arm], pool, options.mine, {
      sets,
      model,
      training,
      found,
      seed: seed * 100 + round,
    })
    training = [...training, ...picked]
    pool = pool.filter((image) => !picked.includes(image))
    const next = await trained(training, sets, parametersOf(seed, options, options.steps), model.weights)
    if (model !== first) await model.detector.release()
    model = next
    found = await detections(model.detector, sets.test)
    map50.push(meanAveragePrecision(sets, found))
  }
  if (model !== first) await model.detector.release()
  const drawn = training.slice(sets.train.length).reduce((sum, { objects }) => sum + objects.length, 0)
  return { map50, boxes: drawn, detections: found }
}

interface Known {
  readonly sets: LearningSets
  readonly model: Model
  readonly training: readonly LabelledImage[]
  /** by the model on the test set */
  readonly found: readonly Detection[]
  readonly seed: number
}
type Images = readonly LabelledImage[]

/** As the platform chooses from what the reference executor's mining job tells, without de-duplication. */
async function pick(choice: Choice, pool: Images, count: number, known: Known): Promise<Images> {
  if (choice === 'NOTHING') return []
  if (choice === 'EVERYTHING') return pool
  const { strategies, aggregate = 'MAX' } = choice
  const { model, training, seed } = known
  const looks = await looksAt(model.detector, pool, minedScore)
  const how = {
    ...{ strategy: 'entropy' as const, scoreWithoutDetections: 0 },
    aggregation: aggregate.toLowerCase() as Lowercase<Aggregate>,
  }
  const ids = pool.map((_, index) => String(index).padStart(6, '0'))
  const scores = looks.map(({ detections }, index) => ({
    assetId: ids[index]!,
    score: imageScore(detections, how, Math.random),
  }))
  const details = looks.map(({ detections, embedding = new Float32Array() }, index) => ({
    ...{ assetId: ids[index]!, head: 'SOFTMAX' as const, views: [], embedding: [...embedding] },
    boxes: detections.map(({ box, classScores }) => ({ box, probabilities: classScores })),
  }))
  const labelled = strategies.includes('CORE_SET') ? await looksAt(model.detector, training, minedScore) : []
  const knowledge: Knowledge = {
    imageRule: { aggregation: { by: aggregate }, withoutDetections: 0 },
    ...{ seed, labelledPerClass: boxesPerClass(known), difficulties: difficulties(known) },
    labelled: labelled.map(({ embedding = new Float32Array() }, index) => ({
      assetId: `${index}`,
      embedding,
    })),
  }
  const terms = strategies.map((strategy) => ({ strategy, weight: 1 }))
  const ranking = rankingBy(
    terms,
    { scores: () => scores, details: () => details, isExcluded: () => false },
    knowledge,
  )
  const chosen = await ranking.first(count, new Set())
  return chosen.map(({ assetId }) => pool[Number(assetId)]!)
}

const boxesPerClass = ({ sets: { labels }, training }: Known): number[] =>
  labels.map(
    (label) => training.flatMap(({ objects }) => objects.filter((one) => one.label === label)).length,
  )

/** 1 - average precision at IoU 0.5 on the test set, of each class. */
function difficulties({ sets, found }: Known): number[] {
  const { perLabel } = evaluateCoco({ ...testSet(sets), detections: found })
  return perLabel.map(({ ap50 }) => 1 - (ap50 ?? 0))
}

async function looksAt(
  detector: Detector,
  images: Images,
  scoreThreshold: number,
): Promise<ImageDetections[]> {
  const paths = images.map(({ path }) => path)
  const looks: ImageDetections[] = []
  for await (const look of detectImages(detector, paths, { ...thresholds, scoreThreshold })) looks.push(look)
  return looks
}

async function trained(
  training: Images,
  { test, labels }: LearningSets,
  parameters: TrainingParameters,
  pretrained?: DetectorWeights,
): Promise<Model> {
  const request = { training, validation: test.slice(0, 1), classNames: labels, parameters, pretrained }
  const { weights, model } = await train(request, { stepDone: () => {}, stageReached: () => {} })
  return { weights, detector: await Detector.load(model, threads) }
}

function parametersOf(seed: number, { size }: Options, steps: number): TrainingParameters {
  const { batch_size, learning_rate } = budgets.full
  const { flip_vertical, quarter_turns, scale_jitter, colour_jitter } = augmentation
  return {
    steps,
    batchSize: batch_size,
    learningRate: learning_rate,
    inputSize: size,
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

async function detections(detector: Detector, images: Images): Promise<Detection[]> {
  const looks = await looksAt(detector, images, evaluatedScore)
  return looks.flatMap(({ detections }, imageId) =>
    detections.map(({ label, box, score }) => ({ imageId, label, box, score })),
  )
}

const testSet = ({ test, labels }: LearningSets) => ({
  images: test.map((_, imageId) => imageId),
  labels,
  groundTruth: test.flatMap(({ objects }, imageId) =>
    objects.map(({ label, box }) => ({ imageId, label, box })),
  ),
})

const meanAveragePrecision = (sets: LearningSets, detections: readonly Detection[]): number =>
  evaluateCoco({ ...testSet(sets), detections }).summary.AP50 ?? NaN

/** How much more an arm found than `random`, 0..1: after the last round, and as the mean of all rounds. */
function toRandom(arm: Arm, courses: Brief): { last: number; mean: number } {
  const [own = [], others = []] = [courses[arm]?.map50.slice(1), courses.random?.map50.slice(1)]
  return { last: (own.at(-1) ?? NaN) - (others.at(-1) ?? NaN), mean: meanOf(own) - meanOf(others) }
}

function lineOf(arm: Arm, all: readonly Brief[], { rounds }: Options): string {
  const boxes = meanOf(all.map((courses) => courses[arm]?.boxes ?? NaN))
  const byRound = Array.from({ length: rounds + 1 }, (_, round) =>
    percent(meanOf(all.map((courses) => courses[arm]?.map50[round] ?? NaN))),
  )
  const differences = all.map((courses) => toRandom(arm, courses))
  const told = [differences.map(({ last }) => last), differences.map(({ mean }) => mean)].map(withInterval)
  return `| ${arm} | ${boxes.toFixed(0)} | ${byRound.join(', ')} | ${arm === 'random' ? ' | ' : told.join(' | ')} |`
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** Two-sided 95 % quantiles of Student's t for 1, 2, ... degrees of freedom. */
const tQuantiles = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262]

function withInterval(values: readonly number[]): string {
  const mean = meanOf(values)
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const deviation = Math.sqrt(squares / (values.length - 1) / values.length)
  const halfWidth = (tQuantiles[values.length - 2] ?? 1.96) * deviation
  return `${points(mean)} (${points(mean - halfWidth)} to ${points(mean + halfWidth)})`
}

function readOptions(): Options {
  const text = { type: 'string' } as const
  const names = [
    'arms',
    'train',
    'test',
    'seeds',
    'start',
    'first',
    'steps',
    'rounds',
    'mine',
    'size',
    'only',
  ] as const
  const { values } = parseArgs({ options: Object.fromEntries(names.map((name) => [name, text])) })
  const given: Partial<Record<string, string>> = values
  const whole = (name: string, usual: number) => Number(given[name] ?? usual)
  const named = given.arms?.split(',') ?? usualArms
  return {
    arms: armNames.filter((arm) => named.includes(arm)),
    train: given.train,
    test: given.test,
    seeds: whole('seeds', 4),
    start: whole('start', 40),
    first: whole('first', 2_000),
    steps: whole('steps', 1_000),
    rounds: whole('rounds', 4),
    mine: whole('mine', 20),
    size: whole('size', budgets.full.input_size),
    only: given.only === undefined ? undefined : Number(given.only),
  }
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
const points = (share: number): string => `${share < 0 ? '' : '+'}${(share * 100).toFixed(2)}`

await main()
