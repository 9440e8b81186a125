/** A box in pixels of its image; x and y of its left upper corner. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Size {
  readonly width: number
  readonly height: number
}

export interface Point {
  readonly x: number
  readonly y: number
}

/** No side is shorter, in pixels. */
export const shortestSide = 1

/** The box between two points, inside of the image, on whole pixels. */
export function boxBetween(from: Point, to: Point, image: Size): Box {
  const [left, right] = [from.x, to.x].map((x) => within(Math.round(x), image.width)).sort(ascending)
  const [top, bottom] = [from.y, to.y].map((y) => within(Math.round(y), image.height)).sort(ascending)
  return withSides(left!, top!, right!, bottom!, image)
}

/** The box moved, as far as the image goes; its size stays. */
export function moved(box: Box, by: Point, image: Size): Box {
  return {
    ...box,
    x: between(box.x + by.x, 0, image.width - box.width),
    y: between(box.y + by.y, 0, image.height - box.height),
  }
}

/** The box with its right lower corner moved; it stops at the image's border and before the other corner. */
export function stretched(box: Box, by: Point, image: Size): Box {
  return {
    ...box,
    width: between(box.width + by.x, shortestSide, image.width - box.x),
    height: between(box.height + by.y, shortestSide, image.height - box.y),
  }
}

/** The box with its sides on whole pixels, inside of the image. */
export function onPixels({ x, y, width, height }: Box, image: Size): Box {
  return boxBetween({ x, y }, { x: x + width, y: y + height }, image)
}

/** The part of a box that lies in the image; undefined when there is none. */
export function clipped(box: Box, image: Size): Box | undefined {
  const [left, right] = [between(box.x, 0, image.width), between(box.x + box.width, 0, image.width)]
  const [top, bottom] = [between(box.y, 0, image.height), between(box.y + box.height, 0, image.height)]
  if (right - left < shortestSide || bottom - top < shortestSide) return undefined
  return { x: left, y: top, width: right - left, height: bottom - top }
}

/** Intersection over union, 0 to 1. */
export function overlap(one: Box, other: Box): number {
  const width = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x)
  const height = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y)
  if (width <= 0 || height <= 0) return 0
  const shared = width * height
  return shared / (areaOf(one) + areaOf(other) - shared)
}

export function areaOf({ width, height }: Box): number {
  return width * height
}

export function centreOf(box: Box): Point {
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

function withSides(left: number, top: number, right: number, bottom: number, image: Size): Box {
  const width = Math.max(right - left, shortestSide)
  const height = Math.max(bottom - top, shortestSide)
  return { x: Math.min(left, image.width - width), y: Math.min(top, image.height - height), width, height }
}

function between(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most))
}

function within(value: number, most: number): number {
  return between(value, 0, most)
}

function ascending(one: number, other: number): number {
  return one - other
}
