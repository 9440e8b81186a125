/** A mining job, an inference job, or both in one pass over the images. */
import { basename } from 'node:path'
import { seededRandom } from '@ymir/detection'
import {
  readDetectionConfiguration,
  readMiningConfiguration,
  type DetectionConfiguration,
  type MiningConfiguration,
} from '../contract/configuration.ts'
import type { JobEnvironment } from '../contract/environment.ts'
import { ExecutorFailure } from '../contract/failure.ts'
import { readCandidateIndex, type IndexedImage } from '../contract/index-files.ts'
import type { Monitor } from '../contract/monitor.ts'
import type { JobFolders } from '../contract/paths.ts'
import { replaceFile } from '../contract/write-file.ts'
import { Detector } from '../detector/detector.ts'
import { detectImages, type ImageDetections } from '../inference/detect-images.ts'
import { imageScore } from '../mining/scores.ts'
import type { Detection } from '../objects.ts'
import { readModelFile } from './training-job.ts'

/** @throws ExecutorFailure of any kind */
export async function runDetection(
  environment: JobEnvironment,
  folders: JobFolders,
  monitor: Monitor,
): Promise<void> {
  const { files, runMining, runInfer } = environment
  const configuration = await readDetectionConfiguration(files.config, folders)
  const mining = runMining ? await readMiningConfiguration(files.config) : undefined
  const candidates = await readCandidateIndex(files.candidateIndex, folders)
  const detector = await loadDetector(configuration)
  const options = {
    ...configuration,
    scoreThreshold: lowestThreshold(configuration, mining, runInfer),
    views: files.miningDetails ? mining?.views : [],
  }
  const looks: ImageDetections[] = []
  try {
    const paths = candidates.map((image) => image.path)
    for await (const look of detectImages(detector, paths, options)) {
      const detections = rename(look.detections, detector.classNames, configuration.classNames)
      looks.push({ ...look, detections })
      monitor.running(looks.length / (candidates.length + 1))
    }
  } finally {
    await detector.release()
  }
  const found = looks.map(({ detections }) => detections)
  if (mining) replaceFile(files.miningResult, miningResult(candidates, found, mining))
  if (mining && files.miningDetails)
    replaceFile(files.miningDetails, miningDetails(candidates, looks, mining))
  if (runInfer) replaceFile(files.inferResult, inferResult(candidates, found, configuration.scoreThreshold))
  console.log(
    `looked at ${candidates.length} images, found ${found.reduce((sum, list) => sum + list.length, 0)} objects`,
  )
}

async function loadDetector({ modelFiles, classNames, threads }: DetectionConfiguration): Promise<Detector> {
  const file = modelFiles.find((name) => name.endsWith('.onnx'))
  if (file === undefined) {
    const message = `model_params_path has no .onnx file (${modelFiles.join(', ') || 'it is empty'})`
    throw new ExecutorFailure('MISSING_MODEL', `${message}; choose a stage that this image trained`)
  }
  const detector = await Detector.load(await readModelFile(file), threads)
  if (classNames.length > 0 && classNames.length !== detector.classNames.length) {
    const known = detector.classNames.join(', ')
    const message = `class_names has ${classNames.length} classes, the model ${file} knows ${known}`
    throw new ExecutorFailure('CONFIGURATION', `${message}; give the classes that the model was trained on`)
  }
  return detector
}

/** The platform may have renamed a class since: config.yaml gives its names in the model's order. */
function rename(
  found: readonly Detection[],
  ofModel: readonly string[],
  ofConfiguration: readonly string[],
): Detection[] {
  return found.map((detection) => ({
    ...detection,
    label: ofConfiguration[ofModel.indexOf(detection.label)] ?? detection.label,
  }))
}

function lowestThreshold(
  detection: DetectionConfiguration,
  mining: MiningConfiguration | undefined,
  infers: boolean,
): number {
  const asked = [mining?.scoreThreshold, infers ? detection.scoreThreshold : undefined]
  return Math.min(...asked.filter((threshold) => threshold !== undefined))
}

/** `image path<TAB>score`, highest first; equal scores stay in the index's order. */
export function miningResult(
  candidates: readonly IndexedImage[],
  found: readonly (readonly Detection[])[],
  mining: MiningConfiguration,
): string {
  const random = seededRandom(mining.seed)
  const scored = candidates.map(({ name }, index) => {
    const counted = (found[index] ?? []).filter(({ score }) => score >= mining.scoreThreshold)
    return { name, score: imageScore(counted, mining, random) }
  })
  const lines = scored
    .toSorted((a, b) => b.score - a.score)
    .map(({ name, score }) => `${name}\t${score.toFixed(6)}\n`)
  return lines.join('')
}

/** A line of JSON for each image: its boxes with all class scores, the same of each view, its embedding and, when asked for, its heat map. */
export function miningDetails(
  candidates: readonly IndexedImage[],
  looks: readonly Omit<ImageDetections, 'path'>[],
  { scoreThreshold, heatMaps }: Pick<MiningConfiguration, 'scoreThreshold' | 'heatMaps'>,
): string {
  const boxes = (found: readonly Detection[]) =>
    found
      .filter(({ score }) => score >= scoreThreshold)
      .map(({ box, classScores }) => ({ box: pixelBox(box), probabilities: classScores.map(rounded) }))
  return looks
    .map(({ detections, views, embedding, heat }, index) => ({
      image: candidates[index]?.name,
      head: 'softmax',
      boxes: boxes(detections),
      views: views.map((view) => ({ name: view.name, boxes: boxes(view.detections) })),
      ...(embedding && { embedding: Array.from(embedding, rounded) }),
      ...(heatMaps && heat && { maps: [{ ...heat, values: Array.from(heat.values, rounded) }] }),
    }))
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('')
}

/** Detections by base name as in other images of the ecosystem, by path where two images share a base name. */
export function inferResult(
  candidates: readonly IndexedImage[],
  found: readonly (readonly Detection[])[],
  scoreThreshold: number,
): string {
  const uses = new Map<string, number>()
  for (const { name } of candidates) uses.set(basename(name), (uses.get(basename(name)) ?? 0) + 1)
  const entries = candidates.map(({ name }, index) => {
    const key = uses.get(basename(name)) === 1 ? basename(name) : name
    const counted = (found[index] ?? []).filter(({ score }) => score >= scoreThreshold)
    return [key, { boxes: counted.map(boxEntry) }] as const
  })
  return JSON.stringify({ detection: Object.fromEntries(entries) })
}

function boxEntry({ label, box, score }: Detection) {
  return { box: pixelBox(box), class_name: label, score: rounded(score) }
}

function pixelBox({ x, y, width, height }: Detection['box']) {
  const pixels = (value: number) => Math.round(value * 100) / 100
  return { x: pixels(x), y: pixels(y), w: pixels(width), h: pixels(height) }
}

function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
