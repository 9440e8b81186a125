/** How the scene looks: lamp, shadow, shine, and the light of the room. Amounts of light; exposure comes later. */
import type { Colour } from './colour.ts'
import type { Scene } from './scene.ts'
import { looks, Shadow } from './shadow.ts'
import { nobody, type Surface } from './surface.ts'
import { subtract, type Vector } from './vector.ts'
import { sightLine, type View } from './view.ts'

/** Samples a pixel in each direction. */
export const oversampling = 2

/** Amounts of light: red, green, blue of each pixel, row by row. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly light: Float32Array
}

/** The picture's size in pixels, and the margin of samples around it. */
export interface Frame {
  readonly width: number
  readonly height: number
  readonly margin: number
}

/**
 * @param surface what the camera sees, `oversampling` samples a pixel each way and a margin around the frame
 * @param view with which the surface was drawn
 */
export function shade(scene: Scene, surface: Surface, view: View, frame: Frame): Picture {
  const { width, height, margin } = frame
  const light = new Float32Array(width * height * 3)
  const brush = new Brush(scene, surface, view)
  for (let y = 0; y < height; y++) {
    const top = margin + y * oversampling
    for (let x = 0; x < width; x++) {
      const left = margin + x * oversampling
      const pixel = (y * width + x) * 3
      if (isEven(surface, left, top)) {
        brush.paint(left, top, 'centre of the pixel')
        for (let c = 0; c < 3; c++) light[pixel + c] = brush.colour[c]!
        continue
      }
      for (let sampleY = top; sampleY < top + oversampling; sampleY++) {
        for (let sampleX = left; sampleX < left + oversampling; sampleX++) {
          brush.paint(sampleX, sampleY, 'centre of the sample')
          // a highlight counts as white only: else it would eat the edge beside it
          for (let c = 0; c < 3; c++) light[pixel + c]! += Math.min(1.1, brush.colour[c]!) / oversampling ** 2
        }
      }
    }
  }
  return { width, height, light }
}

/** One surface without an edge or a curve fills the pixel: one sample tells all. */
function isEven({ owner, normals, width }: Surface, left: number, top: number): boolean {
  const at = top * width + left
  const below = at + width
  const seen = owner[at]
  if (owner[at + 1] !== seen || owner[below] !== seen || owner[below + 1] !== seen) return false
  if (seen === nobody) return true
  return areAlike(normals, at, at + 1) && areAlike(normals, at, below) && areAlike(normals, at, below + 1)
}

function areAlike(normals: Float32Array, a: number, b: number): boolean {
  for (let axis = 0; axis < 3; axis++)
    if (Math.abs(normals[a * 3 + axis]! - normals[b * 3 + axis]!) > 0.1) return false
  return true
}

/** How dark a crevice can become. */
const darkest = 0.25
const tabletopGloss = 0.02

/**
 * Finds what light comes from a sample. Point, normal and ray lie in arrays that are used again for every sample: as
 * vectors, or as arguments, their numbers would be allocated millions of times.
 */
class Brush {
  /** what was painted last */
  readonly colour = new Float64Array(3)
  private readonly point = new Float64Array(3)
  private readonly normal = new Float64Array(3)
  /** from the eye, one unit deep */
  private readonly ray = new Float64Array(3)
  private readonly shadow: Shadow
  private readonly bounce: Colour
  private readonly corner: Vector
  private readonly perColumn: Vector
  private readonly perRow: Vector

  constructor(
    private readonly scene: Scene,
    private readonly surface: Surface,
    private readonly view: View,
  ) {
    this.shadow = new Shadow(scene.things, scene.light)
    this.bounce = scene.tabletop.meanColour()
    this.corner = sightLine(view, 0, 0)
    this.perColumn = subtract(sightLine(view, 1, 0), this.corner)
    this.perRow = subtract(sightLine(view, 0, 1), this.corner)
  }

  /** Paints what a sample shows into `colour`. In a pixel of one surface, its first sample stands for all. */
  paint(column: number, row: number, at: 'centre of the sample' | 'centre of the pixel'): void {
    const { surface, point, normal, ray, colour } = this
    const offset = at === 'centre of the sample' ? 0.5 : oversampling / 2
    for (let axis = 0; axis < 3; axis++) {
      const across = this.perColumn[axis]! * (column + offset)
      ray[axis] = this.corner[axis]! + across + this.perRow[axis]! * (row + offset)
    }
    const sample = row * surface.width + column
    const owner = surface.owner[sample]!
    if (owner === nobody && ray[2]! > -1e-3) return void colour.fill(0.3) // above the horizon

    const { eye } = this.view
    const distance = owner === nobody ? -eye[2] / ray[2]! : 1 / surface.depth[sample]!
    for (let axis = 0; axis < 3; axis++) point[axis] = eye[axis]! + ray[axis]! * distance
    if (owner === nobody) {
      this.scene.tabletop.read(point, colour)
      normal[0] = normal[1] = 0
      normal[2] = 1
      return this.reflect(tabletopGloss)
    }
    const thing = this.scene.things[owner]!
    for (let c = 0; c < 3; c++) colour[c] = thing.colour[c]!
    for (let axis = 0; axis < 3; axis++) normal[axis] = surface.normals[sample * 3 + axis]!
    const length = Math.sqrt(normal[0]! ** 2 + normal[1]! ** 2 + normal[2]! ** 2)
    for (let axis = 0; axis < 3; axis++) normal[axis] = normal[axis]! / length
    this.reflect(thing.gloss)
  }

  /**
   * From the surface's own colour to the light that comes from it: Lambert's cosine, Blinn and Phong's highlight, and
   * at flat angles the room as in a mirror (Schlick 1994).
   */
  private reflect(gloss: number): void {
    const { colour, bounce, point, normal, ray } = this
    const { light, heights } = this.scene
    const lampX = light.direction[0]
    const lampY = light.direction[1]
    const lampZ = light.direction[2]
    const normalX = normal[0]!
    const normalY = normal[1]!
    const normalZ = normal[2]!
    const rayX = ray[0]!
    const rayY = ray[1]!
    const rayZ = ray[2]!
    const rayLength = Math.sqrt(rayX * rayX + rayY * rayY + rayZ * rayZ)
    const facing = normalX * lampX + normalY * lampY + normalZ * lampZ
    let lit = 0
    let shine = 0
    if (facing > 0) {
      lit = (facing * this.shadow.litLooks(point, normal)) / looks
      const halfX = lampX - rayX / rayLength
      const halfY = lampY - rayY / rayLength
      const halfZ = lampZ - rayZ / rayLength
      const halfLength = Math.sqrt(halfX * halfX + halfY * halfY + halfZ * halfZ)
      const cosine = Math.max(0, (normalX * halfX + normalY * halfY + normalZ * halfZ) / halfLength)
      shine = 1.6 * gloss * lit * raised48(cosine)
    }
    const grazing = 1 - Math.max(0, -(normalX * rayX + normalY * rayY + normalZ * rayZ) / rayLength)
    const mirror = gloss * (0.06 + 0.6 * grazing * grazing * grazing * grazing)
    const above = heights.around(point) - point[2]!
    const sky = Math.max(darkest, 1 - 0.75 * Math.max(0, above + 0.12)) // less beside and between high things
    const upwards = 0.5 + 0.5 * normalZ
    for (let c = 0; c < 3; c++) {
      const room = sky * (light.sky[c]! * (0.35 + 0.65 * upwards) + 0.45 * bounce[c]! * (1 - upwards))
      colour[c] =
        colour[c]! * (room + light.colour[c]! * lit) + light.colour[c]! * shine + mirror * light.sky[c]! * sky
    }
  }
}

/** A highlight's width; by squaring, several times as fast as a power. */
function raised48(value: number): number {
  const to4 = value * value * value * value
  const to16 = to4 * to4 * to4 * to4
  return to16 * to16 * to16
}
