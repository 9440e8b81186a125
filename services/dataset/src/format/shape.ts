import { whyTurnedOutside } from '@ymir/detection'
import type { Box, Mask } from '../annotation/annotation.ts'
import { boxOfRuns, countsOf, runsOf } from '../annotation/mask.ts'
import { boxOfPolygons } from '../annotation/outline.ts'
import { type Place, refusal } from './place.ts'

/** Pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

export interface Shape {
  readonly box: Box
  readonly polygons?: readonly (readonly number[])[]
  readonly mask?: Mask
}

/** How far a shape may reach beyond its image: files that round, or count pixels from 1, do. */
const tolerance = 1
export const mostPoints = 100_000

/**
 * A box that lies in its image. What reaches less than a pixel over the left or upper edge is cut off there; maxima counted
 * from 1 may be one more than the image's size, as in Pascal VOC.
 * @throws BadItem
 */
export function boxIn({ x, y, width, height }: Box, image: Size, place: Place): Box {
  const found = boxWithArea({ x, y, width, height }, place)
  const [right, bottom] = [x + width, y + height]
  const isOutside =
    Math.min(x, y) <= -tolerance || right > image.width + tolerance || bottom > image.height + tolerance
  if (isOutside || right <= 0 || bottom <= 0 || x >= image.width || y >= image.height)
    throw refusal(place, `is outside the image (${image.width}x${image.height})`, { found })
  const [left, top] = [Math.max(0, x), Math.max(0, y)]
  return {
    x: left,
    y: top,
    width: x < 0 ? right : width,
    height: y < 0 ? bottom : height,
  }
}

/**
 * As {@link boxIn}; one that is turned is not cut, and only its middle has to lie in its image.
 * @param rotation radians; 0 or undefined: it is not turned
 * @throws BadItem
 */
export function turnedBoxIn(box: Box, rotation: number | undefined, image: Size, place: Place): Box {
  if (!rotation) return boxIn(box, image, place)
  const found = boxWithArea(box, place)
  const why = turnedOutside(box, image)
  if (why) throw refusal(place, why, { found })
  return box
}

/** @returns the numbers of the box, to be shown */
function boxWithArea({ x, y, width, height }: Box, place: Place): readonly number[] {
  const found = [x, y, width, height]
  if (!found.every(Number.isFinite)) throw refusal(place, 'is not a box of numbers', { found })
  if (width <= 0 || height <= 0) throw refusal(place, 'has no area', { found })
  return found
}

/** What is said of a turned box that does not belong to its image. */
export function turnedOutside(box: Box, image: Size): string | undefined {
  const why = whyTurnedOutside(box, image)
  return why && `is turned and ${why} the image (${image.width}x${image.height})`
}

/** @throws BadItem when they are no outlines inside the image */
export function polygonsIn(
  polygons: readonly (readonly number[])[],
  image: Size,
  place: Place,
): readonly (readonly number[])[] {
  const points = polygons.reduce((sum, { length }) => sum + length / 2, 0)
  if (points > mostPoints)
    throw refusal(place, `are more points than the ${mostPoints} allowed`, { found: points })
  polygons.forEach((polygon, index) => {
    const here = { ...place, field: `${place.field}[${index}]` }
    if (polygon.length < 6 || polygon.length % 2 !== 0)
      throw refusal(here, 'is not the x and y of at least three points', { found: polygon })
    for (let at = 0; at < polygon.length; at += 2) {
      const [x, y] = [polygon[at]!, polygon[at + 1]!]
      if (isNear(x, image.width) && isNear(y, image.height)) continue
      throw refusal(here, `is outside the image (${image.width}x${image.height})`, { found: [x, y] })
    }
  })
  return polygons
}

function isNear(value: number, size: number): boolean {
  return value >= -tolerance && value <= size + tolerance // false for NaN
}

/**
 * The mask of an image.
 * @param counts run lengths as COCO's text, or as numbers
 * @throws BadItem
 */
export function maskIn(
  { size, counts }: { readonly size: readonly number[]; readonly counts: string | readonly number[] },
  image: Size,
  place: Place,
): Mask {
  const [height, width] = size
  if (size.length !== 2 || height !== image.height || width !== image.width)
    throw refusal(place, `is not the height and width of the image (${image.height}, ${image.width})`, {
      found: size,
    })
  const runs = typeof counts === 'string' ? runsOf(counts) : counts
  if (!runs || !isWhole(runs, width * height))
    throw refusal(place, 'has runs that are not all of the image', { found: counts })
  return { size: [height, width], counts: typeof counts === 'string' ? counts : countsOf(runs) }
}

function isWhole(runs: readonly number[], pixels: number): boolean {
  if (!runs.every((run) => Number.isInteger(run) && run >= 0)) return false
  return runs.reduce((sum, run) => sum + run, 0) === pixels
}

/** What encloses polygons. @throws BadItem when they have no area */
export function boxAround(polygons: readonly (readonly number[])[], image: Size, place: Place): Box {
  return boxIn(boxOfPolygons(polygons), image, place)
}

/** What encloses a mask's object. @throws BadItem when the mask has none */
export function boxOfMask({ size, counts }: Mask, place: Place): Box {
  const box = boxOfRuns(runsOf(counts) ?? [], size[0])
  if (!box) throw refusal(place, 'has no pixel of an object')
  return box
}
