/** What is known of an image from its bytes. */
export interface ImageFacts {
  readonly format: ImageFormat
  /** Pixels as stored: an orientation in the file's metadata does not turn them. */
  readonly width: number
  readonly height: number
}

export type ImageFormat = 'jpg' | 'png' | 'webp'

export const mediaTypes: Readonly<Record<ImageFormat, string>> = {
  jpg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
}

/** Bytes that are no image that we can train on. */
export class BadImage extends Error {
  readonly code = 'BAD_IMAGE'
  constructor(
    readonly problem: string,
    readonly remedy: string,
    readonly found?: string,
  ) {
    super(`${found ?? 'the image'} ${problem}: ${remedy}`)
  }
}

const formatOf: Readonly<Record<string, ImageFormat>> = { jpeg: 'jpg', png: 'png', webp: 'webp' }

/**
 * Reads the header, refuses what claims to be too large, then decodes the whole image once (JPEG at an eighth of its
 * size): only that finds an image whose end is missing.
 * @throws BadImage
 */
export async function inspectImage(bytes: Uint8Array, maxPixels: number): Promise<ImageFacts> {
  const { default: sharp } = await import('sharp') // takes 0.2 s, which is lost on who only reads headers
  const header = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch(() => {
      throw new BadImage('is not an image', 'leave it out, or replace it by a JPEG, PNG or WebP file')
    })
  const { width, height } = header
  const format = formatOf[header.format ?? '']
  if (!format)
    throw new BadImage('is not supported', 'convert it to JPEG, PNG or WebP', `format ${header.format}`)
  if (width * height > maxPixels)
    throw new BadImage(`is more than the ${maxPixels} pixels allowed`, 'scale it down', `${width}x${height}`)
  await sharp(bytes, { failOn: 'truncated', limitInputPixels: maxPixels })
    .resize(64, 64, { fit: 'inside', kernel: 'nearest' })
    .raw()
    .toBuffer()
    .catch((error: Error) => {
      throw new BadImage('is damaged or cut short', 'replace it by a whole one', firstLine(error.message))
    })
  return { format, width, height }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!
}
