/** The plain view of an image: centred, as large as fits, grey around it. Inference and validation look at it. */
import { clipBox, isDegenerate, type BoxXyxy, type BoxXywh } from '@ymir/detection'
import sharp from 'sharp'
import { fitWithin, unreadable, type Size } from './picture.ts'

/** Half way between black and white: what the network sees as zero. */
const GREY = 128

export interface Letterbox extends Size {
  /** rows of RGB triples, the whole canvas */
  readonly pixels: Uint8Array
  readonly original: Size
  /** the image's place within the canvas */
  readonly left: number
  readonly top: number
  readonly scaleX: number
  readonly scaleY: number
}

/** @throws ExecutorFailure UNREADABLE_IMAGE */
export async function readLetterbox(path: string, canvas: Size): Promise<Letterbox> {
  try {
    const image = sharp(path, { failOn: 'truncated' })
    const { width, height } = await image.metadata()
    const original = { width, height }
    const inner = fitWithin(original, canvas)
    const left = Math.floor((canvas.width - inner.width) / 2)
    const top = Math.floor((canvas.height - inner.height) / 2)
    const [right, bottom] = [canvas.width - inner.width - left, canvas.height - inner.height - top]
    const background = { r: GREY, g: GREY, b: GREY }
    const pixels = await image
      .resize({ ...inner, fit: 'fill' })
      .toColourspace('srgb')
      .flatten()
      .extend({ left, right, top, bottom, background })
      .raw()
      .toBuffer()
    const [scaleX, scaleY] = [inner.width / width, inner.height / height]
    return { width: canvas.width, height: canvas.height, pixels, original, left, top, scaleX, scaleY }
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

/** A box on the canvas, in pixels of the file and within the image; undefined when nothing of it lies there. */
export function toOriginal(
  box: BoxXyxy,
  { left, top, scaleX, scaleY, original }: Letterbox,
): BoxXywh | undefined {
  const scaled = {
    x: (box.xmin - left) / scaleX,
    y: (box.ymin - top) / scaleY,
    width: (box.xmax - box.xmin) / scaleX,
    height: (box.ymax - box.ymin) / scaleY,
  }
  const clipped = clipBox(scaled, original)
  return isDegenerate(clipped) ? undefined : clipped
}
