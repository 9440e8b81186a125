/**
 * A box in pixels by its top left corner and its size: the one form in which boxes are stored and passed on.
 * The origin is the image's top left corner; coordinates are continuous (a pixel is one unit wide), so the
 * box of a whole image is `{ x: 0, y: 0, width: image.width, height: image.height }`. This is COCO's `bbox`.
 */
export interface BoxXywh {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** A box in pixels by its top left and bottom right corners, as Pascal VOC's `bndbox` and many networks have it. */
export interface BoxXyxy {
  readonly xmin: number
  readonly ymin: number
  readonly xmax: number
  readonly ymax: number
}

/** Width and height of an image in pixels. */
export interface ImageSize {
  readonly width: number
  readonly height: number
}

export function toXyxy(box: BoxXywh): BoxXyxy {
  return { xmin: box.x, ymin: box.y, xmax: box.x + box.width, ymax: box.y + box.height }
}

/** The size is the difference of the corners; annotation tools that count pixels inclusively mean one more. */
export function toXywh(box: BoxXyxy): BoxXywh {
  return { x: box.xmin, y: box.ymin, width: box.xmax - box.xmin, height: box.ymax - box.ymin }
}

/** @returns the area in square pixels; 0 for a degenerate box */
export function areaOf(box: BoxXywh): number {
  return isDegenerate(box) ? 0 : box.width * box.height
}

/** True for a box that encloses nothing: no width, no height, or a coordinate that is not a finite number. */
export function isDegenerate(box: BoxXywh): boolean {
  const allFinite = [box.x, box.y, box.width, box.height].every(Number.isFinite)
  return !allFinite || box.width <= 0 || box.height <= 0
}

/** True when the box has no area in common with the image; touching an edge from outside is outside. */
export function isOutside(box: BoxXywh, image: ImageSize): boolean {
  return box.x >= image.width || box.y >= image.height || box.x + box.width <= 0 || box.y + box.height <= 0
}

/** True when no part of the box lies beyond the image's edges. */
export function isInside(box: BoxXywh, image: ImageSize): boolean {
  const { xmin, ymin, xmax, ymax } = toXyxy(box)
  return xmin >= 0 && ymin >= 0 && xmax <= image.width && ymax <= image.height
}

/**
 * The part of the box that lies in the image.
 * @returns a box within `0..width` and `0..height`; degenerate (see {@link isDegenerate}) when the box is outside
 */
export function clipBox(box: BoxXywh, image: ImageSize): BoxXywh {
  if (isInside(box, image)) return box // as it is: going over the corners and back would round
  const { xmin, ymin, xmax, ymax } = toXyxy(box)
  return toXywh({
    xmin: clamp(xmin, image.width),
    ymin: clamp(ymin, image.height),
    xmax: clamp(xmax, image.width),
    ymax: clamp(ymax, image.height),
  })
}

function clamp(value: number, maximum: number): number {
  return Math.min(Math.max(value, 0), maximum)
}
