import { centreOf, type Box, type Point, type Size } from './box.ts'

/** Where the image lies on the screen: its left upper corner and how many screen pixels one of its pixels has. */
export interface View {
  readonly left: number
  readonly top: number
  readonly scale: number
}

const closest = 40
const margin = 16

/** The whole image in the middle of the window. */
export function fitting(image: Size, window: Size): View {
  const scale = Math.min(
    (window.width - 2 * margin) / image.width,
    (window.height - 2 * margin) / image.height,
    closest,
  )
  return centred(image, window, Math.max(scale, 0.01))
}

/** Nearer (factor > 1) or farther, with the point of the window under the pointer staying where it is. */
export function zoomed(view: View, factor: number, around: Point, image: Size, window: Size): View {
  const farthest = Math.min(fitting(image, window).scale / 2, 1)
  const scale = Math.max(farthest, Math.min(view.scale * factor, closest))
  const ratio = scale / view.scale
  return {
    scale,
    left: around.x - (around.x - view.left) * ratio,
    top: around.y - (around.y - view.top) * ratio,
  }
}

export function panned(view: View, by: Point): View {
  return { ...view, left: view.left + by.x, top: view.top + by.y }
}

/** The pixel of the image under a point of the window. */
export function toImage(view: View, point: Point): Point {
  return { x: (point.x - view.left) / view.scale, y: (point.y - view.top) / view.scale }
}

/** A box of the image in the window. */
export function toWindow(view: View, box: Box): Box {
  return {
    x: view.left + box.x * view.scale,
    y: view.top + box.y * view.scale,
    width: box.width * view.scale,
    height: box.height * view.scale,
  }
}

/** A box of the window in pixels of the image. */
export function boxInImage(view: View, { x, y, width, height }: Box): Box {
  return { ...toImage(view, { x, y }), width: width / view.scale, height: height / view.scale }
}

/** What of the image can be seen. */
export function visible(view: View, image: Size, window: Size): Box {
  const from = toImage(view, { x: 0, y: 0 })
  const to = toImage(view, { x: window.width, y: window.height })
  const [left, top] = [Math.max(0, from.x), Math.max(0, from.y)]
  const [right, bottom] = [Math.min(image.width, to.x), Math.min(image.height, to.y)]
  return { x: left, y: top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) }
}

/** The view moved so that a box is seen whole, if it can be. */
export function showing(view: View, box: Box, window: Size): View {
  const { x, y, width, height } = toWindow(view, box)
  const isSeen = x >= 0 && y >= 0 && x + width <= window.width && y + height <= window.height
  if (isSeen) return view
  const centre = centreOf({ x, y, width, height })
  return panned(view, { x: window.width / 2 - centre.x, y: window.height / 2 - centre.y })
}

function centred(image: Size, window: Size, scale: number): View {
  return {
    scale,
    left: (window.width - image.width * scale) / 2,
    top: (window.height - image.height * scale) / 2,
  }
}
