import { BadImage, checkImage } from '@ymir/images'
import type { DescribedImage, Files, FormatName } from '../format/format.ts'
import { LabelBook } from '../label/label.ts'
import { detectFormat } from './detect.ts'
import type { InspectTask } from './in-worker.ts'
import { importLimits } from './limits.ts'
import { BadItem, type ItemProblem } from './problem.ts'

/** What can be said of files before they are imported. */
export interface Inspection {
  readonly format: FormatName
  readonly why: string
  readonly imageCount: number
  readonly imageBytes: number
  readonly annotationFileCount: number
  /** Images that were looked into: the first ones. Labels and problems are those of these. */
  readonly inspectedCount: number
  readonly annotationCount: number
  readonly knownLabels: readonly string[]
  readonly unknownLabels: readonly string[]
  readonly problems: readonly ItemProblem[]
  readonly sampleNames: readonly string[]
}

const imagesInspected = 500
const problemsShown = 50
const longestMs = 10_000

/**
 * Detects the format and looks into the first images; stores nothing.
 * @throws BadArchive when nothing can be said
 */
export async function inspectFiles(files: Files, { format, labels }: InspectTask): Promise<Inspection> {
  const { reader, ...detected } = await detectFormat(files, format)
  const book = new LabelBook(labels)
  const found = new Set<string>()
  const problems: ItemProblem[] = []
  let inspectedCount = 0
  let annotationCount = 0
  const began = Date.now()
  const problem = (one: ItemProblem) => problems.push(one)
  const signal = AbortSignal.timeout(longestMs)
  for await (const image of reader.images(files, { problem, signal })) {
    if (inspectedCount === imagesInspected || Date.now() - began > longestMs) break
    inspectedCount++
    const names = await labelsOf(image, files, problem)
    annotationCount += names.length
    for (const name of names) found.add(name)
  }
  const names = [...found].sort()
  return {
    ...detected,
    format: reader.name,
    inspectedCount,
    annotationCount,
    knownLabels: names.filter((name) => book.resolve(name) !== undefined),
    unknownLabels: names.filter((name) => book.resolve(name) === undefined),
    problems: problems.slice(0, problemsShown),
  }
}

async function labelsOf(
  { image, describe }: DescribedImage,
  files: Files,
  problem: (one: ItemProblem) => void,
): Promise<string[]> {
  try {
    const size = checkImage(await files.read(image, importLimits.imageBytes), importLimits.pixels)
    const { groundTruth, problems } = await describe(size)
    for (const one of problems) problem(one)
    return groundTruth.map(({ annotation }) => annotation.label)
  } catch (error) {
    if (error instanceof BadItem) problem(error.problem)
    else if (error instanceof BadImage)
      problem({ file: image.name, problem: error.problem, remedy: error.remedy })
    else throw error
    return []
  }
}
