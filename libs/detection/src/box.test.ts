import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { areaOf, clipBox, isDegenerate, isInside, isOutside, toXywh, toXyxy } from './box.ts'

const image = { width: 640, height: 480 }
const anyBox = fc.record({
  x: fc.integer({ min: -800, max: 800 }),
  y: fc.integer({ min: -800, max: 800 }),
  width: fc.integer({ min: 0, max: 800 }),
  height: fc.integer({ min: 0, max: 800 }),
})

describe('a box', () => {
  test('has the corners that Pascal VOC writes', () => {
    expect(toXyxy({ x: 10, y: 20, width: 30, height: 40 })).toEqual({
      xmin: 10,
      ymin: 20,
      xmax: 40,
      ymax: 60,
    })
  })

  test('comes back from its corners', () => {
    fc.assert(
      fc.property(anyBox, (box) => {
        expect(toXywh(toXyxy(box))).toEqual(box)
      }),
    )
  })

  test.each([
    ['without width', { x: 5, y: 5, width: 0, height: 9 }],
    ['with its corners swapped', { x: 5, y: 5, width: -3, height: 9 }],
    ['with a coordinate that is no number', { x: Number.NaN, y: 5, width: 3, height: 9 }],
    ['without end', { x: 0, y: 5, width: Number.POSITIVE_INFINITY, height: 9 }],
  ])('%s is degenerate and has no area', (_, box) => {
    expect(isDegenerate(box)).toBe(true)
    expect(areaOf(box)).toBe(0)
  })

  test('that touches the image from outside is outside; one pixel further in it is not', () => {
    expect(isOutside({ x: 640, y: 0, width: 10, height: 10 }, image)).toBe(true)
    expect(isOutside({ x: -10, y: 0, width: 10, height: 10 }, image)).toBe(true)
    expect(isOutside({ x: 639, y: 0, width: 10, height: 10 }, image)).toBe(false)
  })

  test('of the whole image is inside; one pixel wider it is not', () => {
    expect(isInside({ x: 0, y: 0, ...image }, image)).toBe(true)
    expect(isInside({ x: 0, y: 0, width: 641, height: 480 }, image)).toBe(false)
  })
})

describe('clipping', () => {
  test('cuts off what lies beyond the edges', () => {
    const clipped = clipBox({ x: -10, y: 470, width: 50, height: 50 }, image)
    expect(clipped).toEqual({ x: 0, y: 470, width: 40, height: 10 })
  })

  test('leaves a box that lies inside as it is, to the bit', () => {
    const box = { x: 0.1, y: 0.2, width: 0.7, height: 0.3 }
    expect(clipBox(box, image)).toEqual(box)
  })

  test('gives a box inside the image, of no area just when the box is outside or had none', () => {
    fc.assert(
      fc.property(anyBox, (box) => {
        const clipped = clipBox(box, image)
        expect(isInside(clipped, image)).toBe(true)
        expect(isDegenerate(clipped)).toBe(isOutside(box, image) || isDegenerate(box))
      }),
    )
  })
})
