import { toXywh, type BoxXywh, type ImageSize } from './box.ts'

/** A box that may be turned. */
export interface Turned {
  /** As it lies before it is turned. */
  readonly box: BoxXywh
  /** About the middle of the box, radians, clockwise as the image is seen (y goes down); absent: it is not turned. */
  readonly rotation?: number | undefined
}

/**
 * The box with sides along the image's that holds a turned box. One that is not turned is its own.
 * @returns what may reach beyond the image, where a corner of the turned box does
 */
export function boxAround({ box, rotation = 0 }: Turned): BoxXywh {
  if (rotation === 0) return box
  const [cos, sin] = [Math.abs(Math.cos(rotation)), Math.abs(Math.sin(rotation))]
  const width = box.width * cos + box.height * sin
  const height = box.width * sin + box.height * cos
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  return toXywh({ xmin: x - width / 2, ymin: y - height / 2, xmax: x + width / 2, ymax: y + height / 2 })
}

/**
 * Some tools turn a box about its upper left corner, we about its middle: where it lies, before it is turned, to look the same.
 * @param box that is turned about its corner
 * @param radians clockwise as the image is seen
 */
export function cornerToCentre(box: BoxXywh, radians: number): BoxXywh {
  const [dx, dy] = shiftOfCentre(box, radians)
  return { ...box, x: box.x + dx, y: box.y + dy }
}

/** The way back of {@link cornerToCentre}. */
export function centreToCorner(box: BoxXywh, radians: number): BoxXywh {
  const [dx, dy] = shiftOfCentre(box, radians)
  return { ...box, x: box.x - dx, y: box.y - dy }
}

/**
 * What keeps a turned box from belonging to an image; its corners may lie outside, before it is turned and after.
 * @returns words that "the image" follows; undefined when it belongs there
 */
export function whyTurnedOutside({ x, y, width, height }: BoxXywh, image: ImageSize): string | undefined {
  const [middleX, middleY] = [x + width / 2, y + height / 2]
  const isMiddleIn = middleX >= 0 && middleX <= image.width && middleY >= 0 && middleY <= image.height
  if (!isMiddleIn) return 'has its middle outside'
  const isTooLong = Math.max(width, height) > Math.hypot(image.width, image.height)
  return isTooLong ? 'is longer than the diagonal of' : undefined
}

/** Whether two turns are the same but for whole turns, to `within` radians. */
export function isSameTurn(one: number, other: number, within: number): boolean {
  const between = Math.abs(one - other) % (2 * Math.PI)
  return Math.min(between, 2 * Math.PI - between) <= within
}

function shiftOfCentre({ width, height }: BoxXywh, radians: number): readonly [number, number] {
  if (radians === 0) return [0, 0]
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)]
  return [(width * cos - height * sin - width) / 2, (width * sin + height * cos - height) / 2]
}
