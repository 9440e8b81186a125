import type { Blobs } from '@ymir/blobs'
import { JobProblem } from '../job/failure.ts'

/** First bytes of the formats that images read (https://en.wikipedia.org/wiki/List_of_file_signatures). */
const signatures: readonly (readonly [extension: string, pattern: RegExp])[] = [
  ['jpg', /^\xff\xd8\xff/],
  ['png', /^\x89PNG\r\n\x1a\n/],
  ['gif', /^GIF8[79]a/],
  ['bmp', /^BM/],
  ['webp', /^RIFF[^]{4}WEBP/],
  ['tif', /^(II\*\0|MM\0\*)/],
]

/**
 * The extension that fits an image's bytes.
 * @throws JobProblem BAD_CONFIGURATION when they are of no known format
 */
export async function imageFormat(blobs: Blobs, sha256: string): Promise<string> {
  let head = ''
  for await (const chunk of blobs.read(sha256, { start: 0, end: 15 }))
    head += (chunk as Buffer).toString('latin1') // a stream of bytes
  const found = signatures.find(([, pattern]) => pattern.test(head))
  if (found) return found[0]
  throw new JobProblem('BAD_CONFIGURATION', `${sha256} is not an image (JPEG, PNG, GIF, BMP, WebP or TIFF)`, {
    advice: 'Upload a photo.',
  })
}
