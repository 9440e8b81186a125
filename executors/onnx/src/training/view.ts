/** What the network is shown of an image in training: a random part, size, turn and light of it. */
import type { BoxXyxy } from '@ymir/detection'
import { fitWithin, type Picture, type Size } from '../images/picture.ts'

export interface Augmentation {
  readonly flipHorizontal: boolean
  readonly flipVertical: boolean
  /** quarter turns: for things that have no up (cells, bricks seen from above) */
  readonly quarterTurns: boolean
  /** size relative to the plain view, lowest and highest */
  readonly scale: readonly [number, number]
  /** brightness and colour balance vary by this share, contrast with them; 0 for none */
  readonly colour: number
}

/**
 * canvas = centre + matrix * (picture - middle of picture), and light = light * gain + offset for each colour channel,
 * with light -1..1.
 */
export interface View {
  readonly centre: readonly [number, number]
  /** rows: [m00, m01, m10, m11] */
  readonly matrix: readonly [number, number, number, number]
  readonly gain: readonly [number, number, number]
  readonly offset: number
}

/** Objects of which less is left at the canvas' edge are not asked for. */
const LEAST_VISIBLE_SHARE = 0.3
/** in canvas pixels */
const SMALLEST_SIDE = 2

/** @param random uniform in [0, 1) */
export function randomView(picture: Size, canvas: Size, options: Augmentation, random: () => number): View {
  const between = (low: number, high: number) => low + (high - low) * random()
  const sign = (allowed: boolean) => (allowed && random() < 0.5 ? -1 : 1)
  const [smallest, largest] = options.scale
  const fit = fitWithin(picture, canvas).width / picture.width
  const scale = fit * Math.exp(between(Math.log(smallest), Math.log(largest)))
  const turns = options.quarterTurns ? Math.floor(random() * 4) : 0
  const [cosine, sine] = [
    [1, 0],
    [0, 1],
    [-1, 0],
    [0, -1],
  ][turns] as [number, number] // turns is 0..3
  const [mirrorX, mirrorY] = [sign(options.flipHorizontal), sign(options.flipVertical)]
  const slack = (length: number, space: number) => Math.abs(length * scale - space) / 2 + 0.05 * space
  const shiftX = between(-1, 1) * slack(picture.width, canvas.width)
  const shiftY = between(-1, 1) * slack(picture.height, canvas.height)
  const { colour } = options
  const brightness = between(1 - colour, 1 + colour)
  const channelGain = () => brightness * between(1 - 0.4 * colour, 1 + 0.4 * colour)
  return {
    centre: [canvas.width / 2 + shiftX, canvas.height / 2 + shiftY],
    matrix: [
      scale * cosine * mirrorX,
      -scale * sine * mirrorY,
      scale * sine * mirrorX,
      scale * cosine * mirrorY,
    ],
    gain: [channelGain(), channelGain(), channelGain()],
    offset: 0.5 * between(-colour, colour),
  }
}

/** A box of the picture as the view shows it; undefined when too little of it is left. */
export function viewBox(box: BoxXyxy, view: View, picture: Size, canvas: Size): BoxXyxy | undefined {
  const [m00, m01, m10, m11] = view.matrix
  // quarter turns and mirrors keep boxes upright: two opposite corners suffice
  const corner = (x: number, y: number) => {
    const [dx, dy] = [x - picture.width / 2, y - picture.height / 2]
    return [view.centre[0] + m00 * dx + m01 * dy, view.centre[1] + m10 * dx + m11 * dy] as const
  }
  const [ax, ay] = corner(box.xmin, box.ymin)
  const [bx, by] = corner(box.xmax, box.ymax)
  const whole = Math.abs(ax - bx) * Math.abs(ay - by)
  const xmin = Math.max(0, Math.min(ax, bx))
  const ymin = Math.max(0, Math.min(ay, by))
  const xmax = Math.min(canvas.width, Math.max(ax, bx))
  const ymax = Math.min(canvas.height, Math.max(ay, by))
  const [width, height] = [xmax - xmin, ymax - ymin]
  const visible =
    width >= SMALLEST_SIDE && height >= SMALLEST_SIDE && width * height >= LEAST_VISIBLE_SHARE * whole
  return visible ? { xmin, ymin, xmax, ymax } : undefined
}

/**
 * Writes the view into an image plane by plane (three planes of the canvas' size), light -1..1 before gain and offset,
 * 0 where the picture ends. Bilinear.
 */
export function paintView(view: View, picture: Picture, canvas: Size, planes: Float32Array): void {
  const { width: sourceWidth, height: sourceHeight, pixels } = picture
  const [m00, m01, m10, m11] = view.matrix
  const determinant = m00 * m11 - m01 * m10
  const [i00, i01, i10, i11] = [m11 / determinant, -m01 / determinant, -m10 / determinant, m00 / determinant]
  const [gain0, gain1, gain2] = view.gain
  const plane = canvas.width * canvas.height
  const level = (a: number, b: number, c: number, d: number) => (a + b + c + d) / 127.5 - 1
  for (let y = 0, out = 0; y < canvas.height; y++) {
    for (let x = 0; x < canvas.width; x++, out++) {
      const dx = x + 0.5 - view.centre[0]
      const dy = y + 0.5 - view.centre[1]
      const sourceX = i00 * dx + i01 * dy + sourceWidth / 2 - 0.5
      const sourceY = i10 * dx + i11 * dy + sourceHeight / 2 - 0.5
      if (sourceX <= -1 || sourceY <= -1 || sourceX >= sourceWidth || sourceY >= sourceHeight) {
        planes[out] = planes[out + plane] = planes[out + 2 * plane] = 0
        continue
      }
      const x0 = Math.floor(sourceX)
      const y0 = Math.floor(sourceY)
      const shareX = sourceX - x0
      const shareY = sourceY - y0
      const left = x0 < 0 ? 0 : x0
      const right = x0 + 1 >= sourceWidth ? sourceWidth - 1 : x0 + 1
      const top = (y0 < 0 ? 0 : y0) * sourceWidth
      const bottom = (y0 + 1 >= sourceHeight ? sourceHeight - 1 : y0 + 1) * sourceWidth
      const a = (top + left) * 3
      const b = (top + right) * 3
      const c = (bottom + left) * 3
      const d = (bottom + right) * 3
      const wa = (1 - shareX) * (1 - shareY)
      const wb = shareX * (1 - shareY)
      const wc = (1 - shareX) * shareY
      const wd = shareX * shareY
      // indices lie within the picture by construction
      const red = level(pixels[a]! * wa, pixels[b]! * wb, pixels[c]! * wc, pixels[d]! * wd)
      const green = level(pixels[a + 1]! * wa, pixels[b + 1]! * wb, pixels[c + 1]! * wc, pixels[d + 1]! * wd)
      const blue = level(pixels[a + 2]! * wa, pixels[b + 2]! * wb, pixels[c + 2]! * wc, pixels[d + 2]! * wd)
      planes[out] = red * gain0 + view.offset
      planes[out + plane] = green * gain1 + view.offset
      planes[out + 2 * plane] = blue * gain2 + view.offset
    }
  }
}
