/** What a careful annotator would draw: boxes around what is seen of each brick. */
import type { Kind } from './kinds.ts'
import type { Thing } from './scene.ts'
import { oversampling, type Frame } from './shading.ts'
import { nobody, type Surface } from './surface.ts'

/** The first and last pixel of a brick that can be seen, in each direction; both belong to it. */
export interface VisibleBrick {
  readonly kind: Kind
  readonly xmin: number
  readonly ymin: number
  readonly xmax: number
  readonly ymax: number
  /** part of it lies beyond the frame */
  readonly isTruncated: boolean
  /** other things hide part of it */
  readonly isOccluded: boolean
}

/** Of what would be seen of a brick alone and in full, at least this share is seen, or it gets no box. */
export const leastVisibleShare = 0.25
/** in pixels, of the box's shorter side */
const leastSide = 8
/** What goes for whole: the margin of error of counting samples. */
const whole = 0.95

/**
 * @param covered samples that each thing would fill with nothing before it, the margin included
 * @returns in the order of the things; bricks that are too hidden or too small are left out
 */
export function annotate(
  things: readonly Thing[],
  surface: Surface,
  covered: readonly number[],
  frame: Frame,
): VisibleBrick[] {
  const sights = lookThrough(things.length, surface, frame)
  return things.flatMap(({ kind }, i) => {
    const sight = sights[i]!
    if (kind === undefined || sight.inFrame < leastVisibleShare * covered[i]!) return []
    const { xmin, ymin, xmax, ymax } = sight
    if (Math.min(xmax - xmin, ymax - ymin) + 1 < leastSide) return []
    const isAtEdge = xmin === 0 || ymin === 0 || xmax === frame.width - 1 || ymax === frame.height - 1
    const isTruncated = isAtEdge && sight.beyondFrame > 0
    const isOccluded = sight.inFrame + sight.beyondFrame < whole * covered[i]!
    return [{ kind, xmin, ymin, xmax, ymax, isTruncated, isOccluded }]
  })
}

/** How many samples of a thing are seen, and the pixels that they span. */
interface Sight {
  inFrame: number
  beyondFrame: number
  xmin: number
  ymin: number
  xmax: number
  ymax: number
}

function lookThrough(count: number, { owner, width, height }: Surface, frame: Frame): Sight[] {
  const sights = Array.from({ length: count }, (): Sight => {
    return { inFrame: 0, beyondFrame: 0, xmin: Infinity, ymin: Infinity, xmax: -1, ymax: -1 }
  })
  for (let sampleY = 0; sampleY < height; sampleY++) {
    const y = Math.floor((sampleY - frame.margin) / oversampling)
    for (let sampleX = 0; sampleX < width; sampleX++) {
      const thing = owner[sampleY * width + sampleX]!
      if (thing === nobody) continue
      const sight = sights[thing]!
      const x = Math.floor((sampleX - frame.margin) / oversampling)
      if (x < 0 || y < 0 || x >= frame.width || y >= frame.height) {
        sight.beyondFrame++
        continue
      }
      sight.inFrame++
      sight.xmin = Math.min(sight.xmin, x)
      sight.ymin = Math.min(sight.ymin, y)
      sight.xmax = Math.max(sight.xmax, x)
      sight.ymax = Math.max(sight.ymax, y)
    }
  }
  return sights
}

/** Pascal VOC's XML; its maxima are the last pixels within the box. */
export function toVocXml(file: string, { width, height }: Frame, bricks: readonly VisibleBrick[]): string {
  const flag = (value: boolean) => (value ? 1 : 0)
  const objects = bricks.map(
    ({ kind, xmin, ymin, xmax, ymax, isTruncated, isOccluded }) =>
      `  <object>\n    <name>${kind}</name>\n    <pose>Unspecified</pose>\n` +
      `    <truncated>${flag(isTruncated)}</truncated>\n    <occluded>${flag(isOccluded)}</occluded>\n` +
      `    <difficult>0</difficult>\n    <bndbox>\n      <xmin>${xmin}</xmin>\n      <ymin>${ymin}</ymin>\n` +
      `      <xmax>${xmax}</xmax>\n      <ymax>${ymax}</ymax>\n    </bndbox>\n  </object>\n`,
  )
  return (
    `<annotation>\n  <folder>images</folder>\n  <filename>${file}</filename>\n  <size>\n    <width>${width}</width>\n` +
    `    <height>${height}</height>\n    <depth>3</depth>\n  </size>\n  <segmented>0</segmented>\n` +
    `${objects.join('')}</annotation>\n`
  )
}
