import sharp from 'sharp'
import { expect, test } from 'vitest'
import { checkImage, inspectImage } from './index.ts'

const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const
const aPhoto = (width = 40, height = 30) =>
  sharp({ create: { width, height, channels: 3, background: 'red', noise } })

const encodings: [string, () => Promise<Buffer>][] = [
  ['baseline JPEG', () => aPhoto().jpeg().toBuffer()],
  ['progressive JPEG', () => aPhoto().jpeg({ progressive: true }).toBuffer()],
  [
    'grey JPEG with EXIF',
    () =>
      aPhoto()
        .greyscale()
        .withExif({ IFD0: { Copyright: 'x' } })
        .jpeg()
        .toBuffer(),
  ],
  ['PNG', () => aPhoto().png().toBuffer()],
  ['PNG of a palette', () => aPhoto().png({ palette: true }).toBuffer()],
  ['lossy WebP', () => aPhoto().webp().toBuffer()],
  ['lossless WebP', () => aPhoto().webp({ lossless: true }).toBuffer()],
  ['WebP with transparency', () => aPhoto().ensureAlpha(0.5).webp().toBuffer()],
]

test.each(encodings)('%s: the structure tells what decoding tells', async (_, encode) => {
  const bytes = await encode()
  expect(checkImage(bytes, 10_000)).toEqual(await inspectImage(bytes, 10_000))
})

test.each(encodings)('%s cut short anywhere is found', async (_, encode) => {
  const bytes = await encode()
  for (let kept = 0; kept < bytes.length; kept += 7)
    expect(() => checkImage(bytes.subarray(0, kept), 10_000), `${kept} of ${bytes.length}`).toThrow()
})

test('a changed byte in a PNG is found', async () => {
  const bytes = await aPhoto().png().toBuffer()
  bytes[bytes.length >> 1]! ^= 1
  expect(() => checkImage(bytes, 10_000)).toThrow('damaged')
})

test('bytes after the end of a JPEG, as cameras write them, harm nothing', async () => {
  const bytes = Buffer.concat([await aPhoto().jpeg().toBuffer(), Buffer.alloc(100, 1)])
  expect(checkImage(bytes, 10_000)).toMatchObject({ width: 40, height: 30 })
})

test('what is no image, too large or of another format is refused with a remedy', async () => {
  expect(() => checkImage(Buffer.from('hello'), 1)).toThrow('is not an image: leave it out')
  const large = await aPhoto(200, 100).png().toBuffer()
  expect(() => checkImage(large, 10_000)).toThrow('200x100 is more than')
  const gif = await aPhoto().gif().toBuffer()
  expect(() => checkImage(gif, 10_000)).toThrow('format gif is not supported: convert')
})
