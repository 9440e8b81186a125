import { seededRandom } from '@ymir/detection'
import sharp from 'sharp'
import { annotate, type VisibleBrick } from './annotation.ts'
import { develop } from './lens.ts'
import type { Bag } from './bag.ts'
import { anyScene, type Scene } from './scene.ts'
import { oversampling, shade, type Frame } from './shading.ts'
import { Surface } from './surface.ts'
import type { View } from './view.ts'

export interface PhotoRequest {
  /** the same seed gives the same photo */
  readonly seed: number
  readonly bag: Bag
  /** in pixels */
  readonly width: number
  readonly height: number
}

export interface Photo {
  readonly jpeg: Uint8Array
  readonly bricks: readonly VisibleBrick[]
}

/** Samples around the frame: so much of a brick beyond the edge is still counted as part of it. */
const margin = 96
const jpegQuality = 88

/** Takes a photo of a scene that the seed decides. */
export async function takePhoto({ seed, bag, width, height }: PhotoRequest): Promise<Photo> {
  const random = seededRandom(seed)
  const { pixels, bricks } = render(anyScene(random, bag), { width, height, margin }, random)
  const image = sharp(pixels, { raw: { width, height, channels: 3 } })
  return { jpeg: await image.jpeg({ quality: jpegQuality }).toBuffer(), bricks }
}

/**
 * @param random for what the camera adds: noise, focus, exposure
 * @returns red, green, blue of each pixel, 0..255, and what is seen in it; the surface is good until the next call
 */
export function render(
  scene: Scene,
  frame: Frame,
  random: () => number,
): { pixels: Uint8Array; bricks: VisibleBrick[]; surface: Surface } {
  const surface = surfaceFor(frame)
  const view = viewOf(scene, frame, surface)
  const covered = scene.things.map(({ mesh }, i) => surface.draw(mesh, view, i))
  const pixels = develop(shade(scene, surface, view, frame), random)
  return { pixels, bricks: annotate(scene.things, surface, covered, frame), surface }
}

function viewOf({ camera, fieldOfView }: Scene, frame: Frame, surface: Surface): View {
  const focalPixels = (frame.width * oversampling) / 2 / Math.tan(fieldOfView / 2)
  const middle = [surface.width / 2, surface.height / 2] as const
  return { ...camera, middle, lens: { type: 'perspective', focalPixels } }
}

/** The last photo's surface serves the next one of the same size. */
let lastSurface = new Surface(1, 1)

function surfaceFor(frame: Frame): Surface {
  const width = frame.width * oversampling + 2 * frame.margin
  const height = frame.height * oversampling + 2 * frame.margin
  if (lastSurface.width !== width || lastSurface.height !== height) lastSurface = new Surface(width, height)
  return lastSurface.clear()
}
