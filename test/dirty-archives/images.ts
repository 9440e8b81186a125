import { anImage } from '@ymir/dataset/testing'
import sharp from 'sharp'
import { archive, type DirtyArchive, goodVoc, photo, withChoice } from './dirty-archive.ts'

const png = await anImage({ format: 'png', tone: 5 })
const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const
const noisy = sharp({ create: { width: 64, height: 48, channels: 3, background: 'red', noise } })
const frames = [0, 90].map((tone) => anImage({ tone, format: 'png' }))
const wideJpeg = changed(photo, photo.indexOf(Buffer.from([0xff, 0xc0])) + 5, 'ffffffff')
const dirty = (name: string, file: string, bytes: string | Uint8Array): DirtyArchive =>
  archive(`images: ${name}`, { 'images/good.jpg': photo, [`images/${file}`]: bytes })

/** Photos that are none, or not such as can be learned from. Where nothing is wrong, the import says so. */
export const images: readonly DirtyArchive[] = [
  dirty('a JPEG without its end', 'cut.jpg', (await noisy.jpeg().toBuffer()).subarray(0, 900)),
  withChoice(dirty('a JPEG without its end', 'cut.jpg', photo.subarray(0, 200)), { badItems: 'STOP' }),
  dirty('a JPEG named .png, which is fine', 'jpeg.png', await anImage({ tone: 9 })),
  dirty('no bytes', 'empty.jpg', ''),
  dirty('one byte', 'byte.jpg', 'x'),
  dirty('a web page', 'page.jpg', '<!doctype html><title>404</title>'),
  dirty('a PNG chunk with a wrong checksum', 'chunk.png', changed(png, png.indexOf('IDAT') + 6, 'ffff')),
  dirty('a PNG without its end', 'cut.png', png.subarray(0, png.length - 12)),
  dirty('a PNG of 100,000 x 100,000 pixels', 'huge.png', changed(png, 16, '000186a0000186a0')),
  dirty('a PNG without pixels', 'none.png', changed(png, 16, '0000000000000000')),
  dirty('a JPEG of 65,535 x 65,535 pixels', 'huge.jpg', wideJpeg),
  dirty('a GIF', 'moving.gif', await anImage({ format: 'gif' })),
  dirty('a GIF named .jpg', 'moving.jpg', await anImage({ format: 'gif' })),
  dirty('a drawing with a link to a file', 'drawing.svg', '<svg><image href="file:///etc/passwd"/></svg>'),
  dirty('a drawing named .png', 'drawing.png', '<svg xmlns="http://www.w3.org/2000/svg"/>'),
  dirty(
    'a moving WebP, of which the first picture counts',
    'moving.webp',
    await sharp(await Promise.all(frames), { join: { animated: true } })
      .webp()
      .toBuffer(),
  ),
  dirty('a WebP without its end', 'cut.webp', (await noisy.webp().toBuffer()).subarray(0, 400)),
  dirty('a TIFF', 'scan.tif', await noisy.tiff().toBuffer()),
  dirty('a JPEG of four inks', 'inks.jpg', await noisy.clone().toColourspace('cmyk').jpeg().toBuffer()),
  dirty('a PNG of 16 bits', 'deep.png', await noisy.clone().toColourspace('rgb16').png().toBuffer()),
  archive('images: a photo turned by its metadata keeps its size as stored', {
    'images/turned.jpg': await sharp(photo).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    'annotations/turned.xml': goodVoc,
  }),
]

function changed(bytes: Buffer, at: number, hex: string): Buffer {
  const copy = Buffer.from(bytes)
  copy.write(hex, at, 'hex')
  return copy
}
