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

/** What a pointer takes hold of: a corner or an edge, by compass. */
export type Handle = 'nw' | 'n' | 'ne' | 'e' | 'se' | 's' | 'sw' | 'w'
export const handles: readonly Handle[] = ['nw', 'n', 'ne', 'e', 'se', 's', 'sw', 'w']

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

/** The box with the sides that belong to a handle moved; a side stops at the image's border and before its opposite. */
export function stretched(box: Box, handle: Handle, by: Point, image: Size): Box {
  let [left, top, right, bottom] = [box.x, box.y, box.x + box.width, box.y + box.height]
  if (handle.includes('w')) left = between(left + by.x, 0, right - shortestSide)
  if (handle.includes('e')) right = between(right + by.x, left + shortestSide, image.width)
  if (handle.includes('n')) top = between(top + by.y, 0, bottom - shortestSide)
  if (handle.includes('s')) bottom = between(bottom + by.y, top + shortestSide, image.height)
  return { x: left, y: top, width: right - left, height: bottom - top }
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
  return shared / (one.width * one.height + other.width * other.height - shared)
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
