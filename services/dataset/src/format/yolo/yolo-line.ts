import type { FoundAnnotation } from '../format.ts'
import { type Place, refusal } from '../place.ts'
import { boxAround, boxIn, mostPoints, polygonsIn, type Size } from '../shape.ts'
import { type Decimal, decimalOf, numberOf } from './decimal.ts'
import { boxOfCentre, pixelsOf } from './normalised.ts'

/**
 * One line of a label file: `class cx cy w h`, the same with a score behind it (a prediction), or `class x1 y1 x2 y2 ...` (an
 * outline). All but the class are parts of the image's width and height.
 * @throws BadItem when it cannot be taken
 */
export function readLine(text: string, names: readonly string[], image: Size, place: Place): FoundAnnotation {
  const [classText = '', ...words] = text.split(/\s+/)
  const label = labelOf(classText, names, { ...place, field: 'class' })
  if (words.length > 2 * mostPoints) throw refusal(place, 'has too many numbers', { found: words.length })
  const isBox = words.length === 4 || words.length === 5
  if (!isBox && (words.length < 6 || words.length % 2 !== 0))
    throw refusal(place, 'is neither a box (class cx cy w h) nor an outline (class x1 y1 x2 y2 x3 y3 ...)', {
      found: text,
    })
  const numbers = words.map((word, index) => partIn(word, { ...place, field: fieldOf(index, isBox) }, image))
  const plain = { difficult: false, truncated: false, crowd: false }
  const origin = { file: place.file, ...(place.line ? { line: place.line } : {}), field: 'class' }
  if (!isBox) {
    const polygon = numbers.map((part, index) => pixelsOf(part, index % 2 ? image.height : image.width))
    const outline = { ...place, field: 'outline' }
    const polygons = polygonsIn([polygon], image, outline)
    return { annotation: { label, box: boxAround(polygons, image, outline), polygons, ...plain }, ...origin }
  }
  const [cx, cy, w, h, score] = numbers
  const box = boxIn(boxOfCentre([cx!, cy!, w!, h!], image), image, { ...place, field: 'box' })
  return { annotation: { label, box, ...plain }, ...origin, ...(score ? { score: numberOf(score) } : {}) }
}

function labelOf(text: string, names: readonly string[], place: Place): string {
  const name = /^\d{1,6}(\.0*)?$/.test(text) ? names[Number(text)] : undefined // some tools write 3.0
  if (name !== undefined) return name
  throw refusal(place, `is none of the ${names.length} classes (0 to ${names.length - 1})`, {
    found: text,
    remedy: 'fix the class or the list of names, or import with badItems: SKIP',
  })
}

const boxFields = ['cx', 'cy', 'w', 'h', 'score']

function fieldOf(index: number, isBox: boolean): string {
  if (isBox) return boxFields[index]!
  return `${index % 2 ? 'y' : 'x'}${Math.floor(index / 2) + 1}`
}

/** A number from 0 to 1, or a pixel more. */
function partIn(text: string, place: Place, image: Size): Decimal {
  const part = decimalOf(text)
  if (!part) throw refusal(place, 'is not a number', { found: text })
  const value = numberOf(part)
  const most = place.field === 'score' ? 1 : 1 + 1 / Math.min(image.width, image.height)
  if (value >= 0 && value <= most) return part
  throw refusal(place, 'is not from 0 to 1', {
    found: text,
    remedy: 'YOLO says parts of the image, not pixels: export again, or import with badItems: SKIP',
  })
}
