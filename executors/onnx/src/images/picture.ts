/** Images in memory: RGB, no larger than the detector looks at them. */
import sharp from 'sharp'
import { ExecutorFailure } from '../contract/failure.ts'

export interface Size {
  readonly width: number
  readonly height: number
}

export interface Picture extends Size {
  /** rows of RGB triples */
  readonly pixels: Uint8Array
  /** what the file has, before it was made smaller */
  readonly original: Size
}

/** The greatest size of the same shape within bounds. */
export function fitWithin(size: Size, bounds: Size): Size {
  const scale = Math.min(bounds.width / size.width, bounds.height / size.height)
  return {
    width: Math.max(1, Math.round(size.width * scale)),
    height: Math.max(1, Math.round(size.height * scale)),
  }
}

/**
 * Reads an image, made smaller to fit within bounds (never larger). Orientation tags are not obeyed: boxes are given in
 * the coordinates of the stored pixels.
 * @throws ExecutorFailure UNREADABLE_IMAGE
 */
export async function readPicture(path: string, bounds: Size): Promise<Picture> {
  try {
    const image = sharp(path, { failOn: 'truncated' })
    const { width, height } = await image.metadata()
    const original = { width, height }
    const smaller = width > bounds.width || height > bounds.height
    const size = smaller ? fitWithin(original, bounds) : original
    const pixels = await image
      .resize({ ...size, fit: 'fill' })
      .toColourspace('srgb')
      .flatten()
      .raw()
      .toBuffer()
    return { ...size, pixels, original }
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

/** Reads only the header. @throws ExecutorFailure UNREADABLE_IMAGE */
export async function readSize(path: string): Promise<Size> {
  try {
    const { width, height } = await sharp(path).metadata()
    return { width, height }
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

export function unreadable(path: string, cause: unknown): ExecutorFailure {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const message = `${path}: the image cannot be read (${reason}); remove it from the dataset or replace it`
  return new ExecutorFailure('UNREADABLE_IMAGE', message, { cause })
}
