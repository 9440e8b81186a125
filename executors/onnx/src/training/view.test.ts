import { seededRandom } from '@ymir/detection'
import { describe, expect, it } from 'vitest'
import type { Picture } from '../images/picture.ts'
import { paintView, randomView, viewBox, type Augmentation, type View } from './view.ts'

const canvas = { width: 48, height: 32 }
const everything: Augmentation = {
  flipHorizontal: true,
  flipVertical: true,
  quarterTurns: true,
  scale: [0.8, 1.4],
  colour: 0.3,
}
const plain: Augmentation = {
  ...everything,
  flipHorizontal: false,
  flipVertical: false,
  quarterTurns: false,
  colour: 0,
}

/** Black, with one white rectangle. */
function pictureOf(
  box: { xmin: number; ymin: number; xmax: number; ymax: number },
  width = 40,
  height = 30,
): Picture {
  const pixels = new Uint8Array(width * height * 3)
  for (let y = box.ymin; y < box.ymax; y++)
    pixels.fill(255, (y * width + box.xmin) * 3, (y * width + box.xmax) * 3)
  return { width, height, pixels, original: { width, height } }
}

function paint(view: View, picture: Picture): Float32Array {
  const planes = new Float32Array(3 * canvas.width * canvas.height)
  paintView(view, picture, canvas, planes)
  return planes
}

/** Extent of what is brighter than the middle grey in the first plane. */
function brightBox(planes: Float32Array) {
  const found = { xmin: Infinity, ymin: Infinity, xmax: -Infinity, ymax: -Infinity }
  for (let y = 0; y < canvas.height; y++)
    for (let x = 0; x < canvas.width; x++) {
      if ((planes[y * canvas.width + x] ?? 0) <= 0.001) continue
      found.xmin = Math.min(found.xmin, x)
      found.ymin = Math.min(found.ymin, y)
      found.xmax = Math.max(found.xmax, x + 1)
      found.ymax = Math.max(found.ymax, y + 1)
    }
  return found
}

describe('a random view', () => {
  it('shows each object where its box says, however it is turned, mirrored, moved and sized', () => {
    const random = seededRandom(5)
    const box = { xmin: 12, ymin: 8, xmax: 28, ymax: 20 }
    const picture = pictureOf(box)
    let compared = 0
    for (let i = 0; i < 200; i++) {
      const view = { ...randomView(picture, canvas, everything, random), gain: [1, 1, 1] as const, offset: 0 }
      const expected = viewBox(box, view, picture, canvas)
      if (expected === undefined) continue
      const seen = brightBox(paint(view, picture))
      for (const edge of ['xmin', 'ymin', 'xmax', 'ymax'] as const)
        expect(Math.abs(seen[edge] - expected[edge]), `${edge} of view ${i}`).toBeLessThan(1.01)
      compared++
    }
    expect(compared).toBeGreaterThan(150)
  })

  it('never mirrors or turns when that is switched off', () => {
    const random = seededRandom(5)
    for (let i = 0; i < 50; i++) {
      const [m00, m01, m10, m11] = randomView({ width: 40, height: 30 }, canvas, plain, random).matrix
      expect(m00).toBeGreaterThan(0)
      expect(m11).toBe(m00)
      expect([m01, m10].map(Math.abs)).toEqual([0, 0])
    }
  })

  it('leaves light as it is when colours do not vary, and changes it when they do', () => {
    const picture = { width: 1, height: 1 }
    expect(randomView(picture, canvas, plain, seededRandom(1))).toMatchObject({ gain: [1, 1, 1] })
    expect(randomView(picture, canvas, everything, seededRandom(1)).gain).not.toEqual([1, 1, 1])
  })
})

describe('a box in a view', () => {
  const picture = { width: 40, height: 30 }
  const shifted = (x: number): View => ({ centre: [x, 15], matrix: [1, 0, 0, 1], gain: [1, 1, 1], offset: 0 })

  it('is cut at the canvas', () => {
    const box = { xmin: 0, ymin: 0, xmax: 20, ymax: 10 }
    expect(viewBox(box, shifted(12), picture, canvas)).toEqual({ xmin: 0, ymin: 0, xmax: 12, ymax: 10 })
  })

  it('is left out when less than 30 % of it is left', () => {
    const box = { xmin: 0, ymin: 0, xmax: 20, ymax: 10 }
    expect(viewBox(box, shifted(5), picture, canvas)).toBeUndefined()
  })
})

describe('painting', () => {
  it('an unmoved view of the canvas’ own size gives the pixels themselves, scaled to -1..1', () => {
    const picture = pictureOf({ xmin: 3, ymin: 4, xmax: 7, ymax: 9 }, canvas.width, canvas.height)
    const centre = [canvas.width / 2, canvas.height / 2] as const
    const planes = paint({ centre, matrix: [1, 0, 0, 1], gain: [1, 1, 1], offset: 0 }, picture)
    const plane = canvas.width * canvas.height
    expect(Array.from(planes)).toEqual(
      Array.from({ length: 3 * plane }, (_, i) => (picture.pixels[(i % plane) * 3] ?? 0) / 127.5 - 1),
    )
  })

  it('leaves grey where the picture ends', () => {
    const planes = paint(
      { centre: [0, 0], matrix: [1, 0, 0, 1], gain: [1, 1, 1], offset: 0.2 },
      pictureOf({ xmin: 0, ymin: 0, xmax: 40, ymax: 30 }),
    )
    expect(planes[canvas.width * canvas.height - 1]).toBe(0)
  })
})
