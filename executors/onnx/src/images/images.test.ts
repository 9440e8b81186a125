import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { ImageCache } from './image-cache.ts'
import { readLetterbox, toOriginal } from './letterbox.ts'
import { readPicture } from './picture.ts'

const folder = mkdtempSync(join(tmpdir(), 'ymir-images-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function imageFile(name: string, width: number, height: number, channels: 3 | 4 = 3): Promise<string> {
  const path = join(folder, name)
  await sharp({
    create: { width, height, channels, background: { r: 200, g: 100, b: 50, alpha: 1 } },
  }).toFile(path)
  return path
}

describe('a picture', () => {
  it('is made smaller to fit, keeps its shape, and knows its size in the file', async () => {
    const picture = await readPicture(await imageFile('wide.png', 400, 200), { width: 100, height: 100 })
    expect(picture).toMatchObject({ width: 100, height: 50, original: { width: 400, height: 200 } })
    expect(Array.from(picture.pixels.subarray(0, 3))).toEqual([200, 100, 50])
    expect(picture.pixels).toHaveLength(100 * 50 * 3)
  })

  it('is never made larger', async () => {
    const picture = await readPicture(await imageFile('small.png', 20, 10), { width: 100, height: 100 })
    expect([picture.width, picture.height]).toEqual([20, 10])
  })

  it('has three channels, also from a file with transparency or grey only', async () => {
    const transparent = await readPicture(await imageFile('alpha.png', 4, 4, 4), { width: 8, height: 8 })
    expect(transparent.pixels).toHaveLength(48)
    const grey = join(folder, 'grey.png')
    await sharp(await imageFile('colour.png', 4, 4))
      .greyscale()
      .toColourspace('b-w')
      .toFile(grey)
    expect((await readPicture(grey, { width: 8, height: 8 })).pixels).toHaveLength(48)
  })

  it.each([
    ['missing', undefined],
    ['no image', Buffer.from('not an image')],
    ['cut short', 'truncated'],
  ] as const)('whose file is %s is an unreadable image, named in the error', async (name, content) => {
    const path = join(folder, `${name}.jpg`)
    const whole = await sharp(await imageFile('whole.png', 300, 300))
      .jpeg()
      .toBuffer()
    if (content !== undefined)
      writeFileSync(path, content === 'truncated' ? whole.subarray(0, whole.length / 2) : content)
    for (const read of [readPicture, readLetterbox])
      await expect(read(path, { width: 64, height: 64 })).rejects.toMatchObject({
        code: 300003,
        message: expect.stringContaining(path) as string,
      })
  })
})

describe('a letterbox', () => {
  it('has the image in its middle and grey around', async () => {
    const letterbox = await readLetterbox(await imageFile('wide2.png', 400, 200), { width: 64, height: 64 })
    const pixel = (x: number, y: number) =>
      Array.from(letterbox.pixels.subarray((y * 64 + x) * 3, (y * 64 + x) * 3 + 3))
    expect(pixel(0, 15)).toEqual([128, 128, 128])
    expect(pixel(0, 16)).toEqual([200, 100, 50])
    expect(pixel(63, 47)).toEqual([200, 100, 50])
    expect(pixel(63, 48)).toEqual([128, 128, 128])
  })

  it('gives boxes back in the coordinates of the file, cut at the image', async () => {
    const letterbox = await readLetterbox(await imageFile('wide3.png', 400, 200), { width: 64, height: 64 })
    const middle = toOriginal({ xmin: 16, ymin: 24, xmax: 48, ymax: 40 }, letterbox)
    expect(middle).toEqual({ x: 100, y: 50, width: 200, height: 100 })
    expect(toOriginal({ xmin: -9, ymin: 0, xmax: 99, ymax: 64 }, letterbox)).toEqual({
      x: 0,
      y: 0,
      width: 400,
      height: 200,
    })
    expect(toOriginal({ xmin: 10, ymin: 2, xmax: 20, ymax: 9 }, letterbox)).toBeUndefined()
  })
})

describe('the image cache', () => {
  it('reads an image once while it has room, and again when its budget is used up', async () => {
    const reads: string[] = []
    const read = (path: string) => {
      reads.push(path)
      return Promise.resolve({ pixels: new Uint8Array(60) })
    }
    const cache = new ImageCache(read, 100)
    for (const path of ['a', 'b', 'a', 'b']) await cache.get(path)
    expect(reads).toEqual(['a', 'b', 'b'])
  })
})
