import type { Annotation } from '../../annotation/annotation.ts'
import { BadItem, type ItemProblem } from '../../import/problem.ts'
import type { Description, FoundAnnotation } from '../format.ts'
import { readImageExtension, readObjectExtension } from './extension.ts'
import { decodeXml } from './xml-text.ts'
import { type Element, parseXml } from './xml.ts'

/**
 * Reads a Pascal VOC annotation of an image of a known size.
 *
 * Coordinates are taken as they stand: `x = xmin`, `width = xmax - xmin + 1` (maxima are inclusive, as the executor
 * contract writes them). Files that count pixels from 1 reach `xmax = image width`; that one pixel is allowed.
 * @throws BadItem when the file as a whole cannot be read
 */
export function readVoc(
  bytes: Uint8Array,
  file: string,
  image: { width: number; height: number },
): Description {
  const root = annotationOf(parseXml(decodeXml(bytes, file), file), file)
  checkSize(root, file, image)
  const groundTruth: FoundAnnotation[] = []
  const problems: ItemProblem[] = []
  for (const element of root.children.filter(({ name }) => name === 'object')) {
    try {
      const annotation = readObject(element, file, image)
      groundTruth.push({ annotation, file, line: element.line, field: 'object/name' })
    } catch (error) {
      if (!(error instanceof BadItem)) throw error
      problems.push(error.problem)
    }
  }
  return { groundTruth, predictions: [], problems, ...readImageExtension(childOf(root, 'ymir'), file) }
}

function annotationOf(root: Element | undefined, file: string): Element {
  if (root?.name === 'annotation') return root
  throw new BadItem({
    file,
    line: root?.line ?? 1,
    found: root ? `<${root.name}>` : 'nothing',
    problem: 'stands where Pascal VOC has <annotation>',
    remedy: 'export the annotations as Pascal VOC',
  })
}

function checkSize(root: Element, file: string, image: { width: number; height: number }) {
  const size = childOf(root, 'size')
  if (!size) return // the image itself tells
  for (const field of ['width', 'height'] as const) {
    const element = childOf(size, field)
    if (!element || element.text === '' || Number(element.text) === 0) continue // tools that do not know write 0
    if (Number(element.text) === image[field]) continue
    throw new BadItem({
      file,
      line: element.line,
      field: `size/${field}`,
      found: element.text,
      problem: `is not the image's ${field}, ${image[field]} (image ${image.width}x${image.height})`,
      remedy: 'the boxes belong to another image or another scale of it: export them again for this one',
    })
  }
}

function readObject(object: Element, file: string, image: { width: number; height: number }): Annotation {
  const label = childOf(object, 'name')
  if (!label?.text) throw missing(file, object, 'object/name')
  const box = childOf(object, 'bndbox')
  if (!box) throw missing(file, object, 'object/bndbox')
  const corner = (field: string) => readCorner(box, field, file)
  const [xmin, ymin, xmax, ymax] = [corner('xmin'), corner('ymin'), corner('xmax'), corner('ymax')]
  checkOrder(xmin, xmax, 'x', file, image)
  checkOrder(ymin, ymax, 'y', file, image)
  checkInside(xmin, xmax, image.width, file, image)
  checkInside(ymin, ymax, image.height, file, image)
  const quality = optionalNumber(object, 'box_quality')
  const rotation = optionalNumber(box, 'rotate_angle')
  return {
    label: label.text,
    box: {
      x: xmin.value,
      y: ymin.value,
      width: xmax.value - xmin.value + 1,
      height: ymax.value - ymin.value + 1,
    },
    difficult: isSet(object, 'difficult'),
    truncated: isSet(object, 'truncated'),
    crowd: isSet(object, 'crowd'),
    ...(quality === undefined ? {} : { quality }),
    ...(rotation ? { rotation } : {}),
    ...readObjectExtension(childOf(object, 'ymir'), file, image),
  }
}

interface Corner {
  readonly field: string
  readonly line: number
  readonly found: string
  readonly value: number
}

function readCorner(box: Element, field: string, file: string): Corner {
  const element = childOf(box, field)
  if (!element) throw missing(file, box, `object/bndbox/${field}`)
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(element.text) || !Number.isFinite(Number(element.text)))
    throw new BadItem({
      file,
      line: element.line,
      field: `object/bndbox/${field}`,
      found: JSON.stringify(element.text),
      problem: 'is not a number',
      remedy: 'fix the box, or import with badItems: SKIP',
    })
  return { field, line: element.line, found: element.text, value: Number(element.text) }
}

function checkOrder(
  min: Corner,
  max: Corner,
  axis: 'x' | 'y',
  file: string,
  image: { width: number; height: number },
) {
  if (max.value > min.value) return
  throw new BadItem({
    file,
    line: max.line,
    field: `object/bndbox/${max.field}`,
    found: max.found,
    problem: `is not greater than ${axis}min ${min.found} (image ${image.width}x${image.height})`,
    remedy: 'fix the box, or import with badItems: SKIP',
  })
}

/** From 0 to the image's size: inclusive maxima counted from 1 reach it. */
function checkInside(
  min: Corner,
  max: Corner,
  size: number,
  file: string,
  image: { width: number; height: number },
) {
  const outside = [min, max].find(({ value }) => value < 0 || value > size)
  if (!outside) return
  throw new BadItem({
    file,
    line: outside.line,
    field: `object/bndbox/${outside.field}`,
    found: outside.found,
    problem: `is outside the image (${image.width}x${image.height})`,
    remedy: 'fix the box, or import with badItems: SKIP',
  })
}

function missing(file: string, element: Element, field: string): BadItem {
  return new BadItem({
    file,
    line: element.line,
    field,
    problem: 'is missing',
    remedy: 'fix the object, or import with badItems: SKIP',
  })
}

function childOf(element: Element, name: string): Element | undefined {
  return element.children.find((child) => child.name === name)
}

function isSet(element: Element, name: string): boolean {
  return ['1', 'true', 'yes'].includes((childOf(element, name)?.text ?? '').toLowerCase())
}

function optionalNumber(element: Element, name: string): number | undefined {
  const text = childOf(element, name)?.text
  const value = Number(text)
  return text && Number.isFinite(value) ? value : undefined
}
