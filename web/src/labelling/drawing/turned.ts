import {
  centreOf,
  clipped,
  moved,
  onPixels,
  overlap,
  shortestSide,
  stretched,
  type Box,
  type Point,
  type Size,
} from './box.ts'

/** A box that may be turned about its middle. */
export interface Turned {
  /** As it lies before it is turned. */
  readonly box: Box
  /** Radians above 0 and below 2π, clockwise; null or undefined: it is not turned. */
  readonly rotation?: number | null | undefined
}

const wholeTurn = 2 * Math.PI
/** Radians: less is what remains of rounding. */
const noTurn = 1e-9

/** A turn in its one form; undefined: it is none. */
export function normalTurn(radians: number): number | undefined {
  const turn = ((radians % wholeTurn) + wholeTurn) % wholeTurn
  return turn > noTurn && turn < wholeTurn - noTurn ? turn : undefined
}

export function degreesOf({ rotation }: Pick<Turned, 'rotation'>): number {
  return ((rotation ?? 0) * 180) / Math.PI
}

/** The canvas turns a box about its left upper corner: where it lies there, before it is turned. */
export function cornerOf({ box, rotation }: Turned): Box {
  const [dx, dy] = shiftOfCentre(box, rotation ?? 0)
  return { ...box, x: box.x - dx, y: box.y - dy }
}

/** The way back. */
export function boxOfCorner(corner: Box, rotation: number | undefined): Box {
  const [dx, dy] = shiftOfCentre(corner, rotation ?? 0)
  return { ...corner, x: corner.x + dx, y: corner.y + dy }
}

function shiftOfCentre({ width, height }: Box, radians: number): readonly [number, number] {
  if (radians === 0) return [0, 0]
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)]
  return [(width * cos - height * sin - width) / 2, (width * sin + height * cos - height) / 2]
}

/** The box with sides along the image's that holds a turned one. */
export function around({ box, rotation }: Turned): Box {
  if (!rotation) return box
  const [cos, sin] = [Math.abs(Math.cos(rotation)), Math.abs(Math.sin(rotation))]
  const [width, height] = [box.width * cos + box.height * sin, box.width * sin + box.height * cos]
  const { x, y } = centreOf(box)
  return { x: x - width / 2, y: y - height / 2, width, height }
}

/** Intersection over union of the boxes around them, 0 to 1. */
export function overlapOf(one: Turned, other: Turned): number {
  return overlap(around(one), around(other))
}

/** Whether a turned box may be answered: its middle is in the image, and no side is too short or too long. */
export function isTakenTurned(box: Box, image: Size): boolean {
  const { x, y } = centreOf(box)
  const isIn = x >= 0 && y >= 0 && x <= image.width && y <= image.height
  const [shorter, longer] = [Math.min(box.width, box.height), Math.max(box.width, box.height)]
  return isIn && shorter >= shortestSide && longer <= Math.hypot(image.width, image.height)
}

/** What of a box may be answered: the part in the image, a turned one as it is; undefined: nothing. */
export function fitting({ box, rotation }: Turned, image: Size): Box | undefined {
  if (!rotation) return clipped(box, image)
  return isTakenTurned(box, image) ? box : undefined
}

/** The box moved, as far as the image goes; a turned one as far as its middle stays in it. */
export function movedBy({ box, rotation }: Turned, by: Point, image: Size): Box {
  if (!rotation) return moved(box, by, image)
  return centredIn({ ...box, x: box.x + by.x, y: box.y + by.y }, image)
}

/** The box with its right lower corner moved; the left upper one stays, also as it is seen turned. */
export function stretchedBy(one: Turned, by: Point, image: Size): Box {
  const { box, rotation } = one
  if (!rotation) return stretched(box, by, image)
  const corner = cornerOf(one)
  const [width, height] = [box.width + by.x, box.height + by.y].map((side) => Math.max(side, shortestSide))
  const next = boxOfCorner({ ...corner, width: width!, height: height! }, rotation)
  return isTakenTurned(next, image) ? next : box
}

/** The box turned further about its middle. */
export function turnedBy({ box, rotation }: Turned, by: number, image: Size): Turned {
  const turn = normalTurn((rotation ?? 0) + by)
  return { box: turn ? box : onPixels(box, image), rotation: turn }
}

/** The box on whole pixels, where it may be answered. */
export function placedOn({ box, rotation }: Turned, image: Size): Box {
  if (!rotation) return onPixels(box, image)
  const [width, height] = [box.width, box.height].map((side) => Math.max(Math.round(side), shortestSide))
  return centredIn({ x: Math.round(box.x), y: Math.round(box.y), width: width!, height: height! }, image)
}

function centredIn(box: Box, image: Size): Box {
  const { x, y } = centreOf(box)
  const within = (value: number, most: number) => Math.max(0, Math.min(value, most))
  return { ...box, x: box.x + within(x, image.width) - x, y: box.y + within(y, image.height) - y }
}
