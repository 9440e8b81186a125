/** Ground truth in the formats that the platform exports. */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { XMLParser } from 'fast-xml-parser'
import { isDegenerate, type BoxXywh } from '@ymir/detection'
import { z } from 'zod'
import type { LabelledBox, LabelledImage } from '../objects.ts'
import { ExecutorFailure } from './failure.ts'
import type { AnnotatedImage } from './index-files.ts'
import { problemsOf } from './schema-problems.ts'

export type AnnotationFormat = 'voc' | 'ark' | 'coco'

export interface GroundTruth {
  readonly images: readonly LabelledImage[]
  /** boxes left out: of classes that are not trained, or without area */
  readonly leftOut: number
}

/**
 * Reads the annotations of an index.
 * @throws ExecutorFailure NO_DATA naming the file that is missing or not in the format
 */
export async function readGroundTruth(
  index: readonly AnnotatedImage[],
  format: AnnotationFormat,
  classNames: readonly string[],
): Promise<GroundTruth> {
  const objectsOf =
    format === 'coco'
      ? cocoReader()
      : (image: AnnotatedImage) => readers[format](image.annotation, classNames)
  const known = new Set(classNames)
  let leftOut = 0
  const images: LabelledImage[] = []
  for (const image of index) {
    const all = await objectsOf(image)
    const objects = all.filter(({ label, box }) => known.has(label) && !isDegenerate(box))
    leftOut += all.length - objects.length
    images.push({ path: image.path, objects })
  }
  return { images, leftOut }
}

const readers: Record<
  'voc' | 'ark',
  (path: string, classNames: readonly string[]) => Promise<LabelledBox[]>
> = {
  voc: async (path) => parseVoc(await readText(path), path),
  ark: async (path, classNames) => parseArk(await readText(path), path, classNames),
}

const xml = new XMLParser({
  parseTagValue: false,
  isArray: (_name, path) => path === 'annotation.object',
  processEntities: true,
})
const coordinate = z.coerce.number()
const vocObject = z.object({
  name: z.string(),
  bndbox: z.object({ xmin: coordinate, ymin: coordinate, xmax: coordinate, ymax: coordinate }),
})
/** An element without content is read as an empty text. */
const orEmpty = (element: unknown): unknown => (element === '' ? {} : element)
const vocFile = z.object({
  annotation: z.preprocess(orEmpty, z.object({ object: z.array(vocObject).default([]) })),
})

/** Pascal VOC; the maxima are the last pixels within the box. */
export function parseVoc(text: string, path: string): LabelledBox[] {
  const parsed = vocFile.safeParse(attempt(() => xml.parse(text, true), path))
  if (!parsed.success) throw badAnnotation(path, problemsOf(parsed.error))
  return parsed.data.annotation.object.map(({ name, bndbox }) => ({
    label: name,
    box: fromInclusive(bndbox),
  }))
}

/** `class index, xmin, ymin, xmax, ymax, annotation quality, rotate angle` on each line. */
export function parseArk(text: string, path: string, classNames: readonly string[]): LabelledBox[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  return lines.map((line, number) => {
    const [classIndex, xmin, ymin, xmax, ymax] = line.split(',').map(Number)
    const label = classNames[classIndex ?? -1]
    if (
      label === undefined ||
      xmin === undefined ||
      ymin === undefined ||
      xmax === undefined ||
      ymax === undefined
    )
      throw badAnnotation(
        `${path}:${number + 1}`,
        `"${line}" is not "class index, xmin, ymin, xmax, ymax, ..."`,
      )
    return { label, box: fromInclusive({ xmin, ymin, xmax, ymax }) }
  })
}

const cocoFile = z.object({
  images: z.array(z.object({ id: z.union([z.number(), z.string()]), file_name: z.string() })),
  categories: z.array(z.object({ id: z.number(), name: z.string() })),
  annotations: z.array(
    z.object({
      image_id: z.union([z.number(), z.string()]),
      category_id: z.number(),
      bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
      iscrowd: z.number().optional(),
    }),
  ),
})

/** COCO: one file for all images, found by base name; crowds are left out. */
export function parseCoco(text: string, path: string): Map<string, LabelledBox[]> {
  const parsed = cocoFile.safeParse(attempt(() => JSON.parse(text) as unknown, path))
  if (!parsed.success) throw badAnnotation(path, problemsOf(parsed.error))
  const { images, categories, annotations } = parsed.data
  const labels = new Map(categories.map(({ id, name }) => [id, name]))
  const objects = new Map(images.map(({ id }) => [id, [] as LabelledBox[]]))
  for (const { image_id, category_id, bbox, iscrowd } of annotations) {
    const label = labels.get(category_id)
    const [x, y, width, height] = bbox
    if (label !== undefined && !iscrowd) objects.get(image_id)?.push({ label, box: { x, y, width, height } })
  }
  return new Map(images.map(({ id, file_name }) => [basename(file_name), objects.get(id) ?? []]))
}

function cocoReader(): (image: AnnotatedImage) => Promise<LabelledBox[]> {
  const files = new Map<string, Map<string, LabelledBox[]>>()
  return async ({ annotation, path }) => {
    const known = files.get(annotation) ?? parseCoco(await readText(annotation), annotation)
    files.set(annotation, known)
    const objects = known.get(basename(path))
    if (objects === undefined) throw badAnnotation(annotation, `it has no image ${basename(path)}`)
    return objects
  }
}

function fromInclusive(corners: { xmin: number; ymin: number; xmax: number; ymax: number }): BoxXywh {
  const { xmin, ymin, xmax, ymax } = corners
  return { x: xmin, y: ymin, width: xmax - xmin + 1, height: ymax - ymin + 1 }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const message = `${path}: the annotation file cannot be read; every image of a set needs one, even with no object in it`
    throw new ExecutorFailure('NO_DATA', message, { cause })
  }
}

function attempt(parse: () => unknown, path: string): unknown {
  try {
    return parse()
  } catch (cause) {
    throw badAnnotation(path, cause instanceof Error ? cause.message : String(cause))
  }
}

function badAnnotation(place: string, problem: string): ExecutorFailure {
  return new ExecutorFailure('NO_DATA', `${place}: ${problem}; check export_format and export the set again`)
}
