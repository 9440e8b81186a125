import { clipBox, toXywh, type BoxXywh, type ImageSize } from '@ymir/detection'

interface Point {
  readonly x: number
  readonly y: number
}

/**
 * The box around a turned box, cut to the image: answers have no rotation. A box that is not turned stays as it is.
 * @param degrees clockwise, as the image is seen (y goes down)
 * @param pivot what it turns around
 */
export function around(box: BoxXywh, degrees: number, pivot: Point, image: ImageSize): BoxXywh {
  if (degrees % 360 === 0) return rounded(box)
  const radians = (degrees * Math.PI) / 180
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)]
  const corners = [
    [box.x, box.y],
    [box.x + box.width, box.y],
    [box.x, box.y + box.height],
    [box.x + box.width, box.y + box.height],
  ].map(([x = 0, y = 0]) => ({
    x: pivot.x + (x - pivot.x) * cos - (y - pivot.y) * sin,
    y: pivot.y + (x - pivot.x) * sin + (y - pivot.y) * cos,
  }))
  const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)]
  const outer = { xmin: Math.min(...xs), ymin: Math.min(...ys), xmax: Math.max(...xs), ymax: Math.max(...ys) }
  return clipBox(rounded(toXywh(outer)), image)
}

/** To a thousand-millionth of a pixel: percent of a size give back whole pixels and their usual fractions. */
function rounded({ x, y, width, height }: BoxXywh): BoxXywh {
  return { x: round(x), y: round(y), width: round(width), height: round(height) }
}

const round = (value: number) => Math.round(value * 1e9) / 1e9 + 0 // no -0
