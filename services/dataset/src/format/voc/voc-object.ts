import type { Annotation } from '../../annotation/annotation.ts'
import { BadItem } from '../../import/problem.ts'
import { maskIn, polygonsIn, turnedOutside, type Size } from '../shape.ts'
import type { VocObject } from './read-voc.ts'
import { keysIn } from './voc-keys.ts'
import { childOf, type Element } from './voc-xml.ts'

const remedy = 'fix the box, or import with badItems: SKIP'

/**
 * Coordinates are taken as they stand: `x = xmin`, `width = xmax - xmin + 1` (maxima are inclusive, as the executor
 * contract writes them). Files that count pixels from 1 reach `xmax = image width`; that one pixel is allowed.
 * @throws BadItem
 */
export function readObject(object: Element, file: string, image: Size): Omit<VocObject, 'line'> {
  const label = childOf(object, 'name')
  if (!label?.text) throw missing(file, object, 'object/name')
  const bounds = childOf(object, 'bndbox')
  if (!bounds) throw missing(file, object, 'object/bndbox')
  const rotation = optionalNumber(bounds, 'rotate_angle')
  const [x, width] = readSide(bounds, 'x', { file, image, isTurned: !!rotation })
  const [y, height] = readSide(bounds, 'y', { file, image, isTurned: !!rotation })
  const box = { x, y, width, height }
  const problem = rotation && turnedOutside(box, image)
  if (problem) throw new BadItem({ file, line: bounds.line, field: 'object/bndbox', problem, remedy })
  const quality = optionalNumber(object, 'box_quality')
  const score = optionalNumber(object, 'confidence')
  const attributes = keysIn(object, 'tags', file)
  return {
    annotation: {
      label: label.text,
      box,
      ...outlineOf(object, file, image),
      difficult: isSet(object, 'difficult'),
      truncated: isSet(object, 'truncated'),
      crowd: isSet(object, 'crowd'),
      ...(quality === undefined ? {} : { quality }),
      ...(rotation ? { rotation } : {}),
      ...(Object.keys(attributes).length ? { attributes } : {}),
    },
    ...(score !== undefined && score >= 0 && score <= 1 ? { score } : {}), // tools without a score write -1
  }
}

/** Outlines as Roboflow writes them (x1, y1, x2, ...), a mask as COCO's run lengths. */
function outlineOf(object: Element, file: string, image: Size): Pick<Annotation, 'polygons' | 'mask'> {
  const outlines = object.children.filter(({ name }) => name === 'polygon')
  const polygons = outlines.map(({ children, line }) =>
    children.map((child, index) => {
      if (child.name !== `${index % 2 ? 'y' : 'x'}${Math.floor(index / 2) + 1}`)
        throw new BadItem({
          file,
          line,
          field: `object/polygon/${child.name}`,
          problem: 'is not in the order x1, y1, x2, y2, ...',
          remedy,
        })
      return numberIn(child, `object/polygon/${child.name}`, file)
    }),
  )
  const mask = childOf(object, 'mask')
  const place = (element: Element, field: string) => ({ file, line: element.line, field })
  return {
    ...(outlines[0] ? { polygons: polygonsIn(polygons, image, place(outlines[0], 'object/polygon')) } : {}),
    ...(mask ? { mask: maskIn(runLengthsIn(mask), image, place(mask, 'object/mask')) } : {}),
  }
}

function runLengthsIn(mask: Element) {
  const [height, width, counts] = ['height', 'width', 'counts'].map((name) => childOf(mask, name)?.text ?? '')
  return { size: [Number(height), Number(width)], counts: counts! }
}

interface Around {
  readonly file: string
  readonly image: Size
  /** Then its corners may lie outside. */
  readonly isTurned: boolean
}

/** Where a box begins and how long it is. */
function readSide(
  bounds: Element,
  axis: 'x' | 'y',
  { file, image, isTurned }: Around,
): readonly [number, number] {
  const [min, max] = [readCorner(bounds, `${axis}min`, file), readCorner(bounds, `${axis}max`, file)]
  const side = axis === 'x' ? 'width' : 'height'
  if (!isTurned) checkInside(min, max, image[side], file, image)
  const length = max.value - min.value + 1
  // what the difference of the corners loses in floating point, our export says beside them
  const exact = optionalNumber(bounds, side)
  if (exact !== undefined && exact > 0 && Math.abs(exact - length) < 1e-6) return [min.value, exact]
  checkOrder(min, max, axis, file, image)
  return [min.value, length]
}

interface Corner {
  readonly field: string
  readonly line: number
  readonly found: string
  readonly value: number
}

function readCorner(bounds: Element, field: string, file: string): Corner {
  const element = childOf(bounds, field)
  if (!element) throw missing(file, bounds, `object/bndbox/${field}`)
  const value = numberIn(element, `object/bndbox/${field}`, file)
  return { field, line: element.line, found: element.text, value }
}

function numberIn({ text, line }: Element, field: string, file: string): number {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text))) return Number(text)
  throw new BadItem({ file, line, field, found: JSON.stringify(text), problem: 'is not a number', remedy })
}

function checkOrder(min: Corner, max: Corner, axis: 'x' | 'y', file: string, image: Size) {
  if (max.value > min.value) return
  throw new BadItem({
    file,
    line: max.line,
    field: `object/bndbox/${max.field}`,
    found: max.found,
    problem: `is not greater than ${axis}min ${min.found} (image ${image.width}x${image.height})`,
    remedy,
  })
}

/** From 0 to the image's size: inclusive maxima counted from 1 reach it; those of boxes narrower than a pixel lie before 0. */
function checkInside(min: Corner, max: Corner, size: number, file: string, image: Size) {
  const isInside = ({ value }: Corner, least: number) => value >= least && value <= size
  const outside = !isInside(min, 0) ? min : !isInside(max, -1) ? max : undefined
  if (!outside) return
  throw new BadItem({
    file,
    line: outside.line,
    field: `object/bndbox/${outside.field}`,
    found: outside.found,
    problem: `is outside the image (${image.width}x${image.height})`,
    remedy,
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

function isSet(element: Element, name: string): boolean {
  return ['1', 'true', 'yes'].includes((childOf(element, name)?.text ?? '').toLowerCase())
}

function optionalNumber(element: Element, name: string): number | undefined {
  const text = childOf(element, name)?.text
  const value = Number(text)
  return text && Number.isFinite(value) ? value : undefined
}
