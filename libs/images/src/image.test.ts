import sharp from 'sharp'
import { expect, test } from 'vitest'
import { inspectImage } from './index.ts'

const aPhoto = (width = 40, height = 30) =>
  sharp({ create: { width, height, channels: 3, background: { r: 200, g: 30, b: 30 } } })

test('an image tells its format and its size in pixels', async () => {
  expect(await inspectImage(await aPhoto().jpeg().toBuffer(), 10_000)).toEqual({
    format: 'jpg',
    width: 40,
    height: 30,
  })
  expect(await inspectImage(await aPhoto().png().toBuffer(), 10_000)).toEqual({
    format: 'png',
    width: 40,
    height: 30,
  })
})

test('what is no image, cut short, too large or of another format is refused with a remedy', async () => {
  const noisy = await sharp({
    create: {
      width: 400,
      height: 300,
      channels: 3,
      background: 'red',
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  })
    .jpeg()
    .toBuffer()

  await expect(inspectImage(Buffer.from('hello'), 10_000)).rejects.toThrow('is not an image: leave it out')
  await expect(inspectImage(noisy.subarray(0, noisy.length / 2), 1e6)).rejects.toThrow('damaged or cut short')
  await expect(inspectImage(await aPhoto(200, 100).png().toBuffer(), 10_000)).rejects.toThrow(
    '200x100 is more than',
  )
  await expect(inspectImage(await aPhoto().gif().toBuffer(), 10_000)).rejects.toThrow(
    'format gif is not supported',
  )
})
