import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { iou, iouWithCrowd } from './iou.ts'

const coordinate = fc.double({ min: -1000, max: 1000, noNaN: true })
const size = fc.double({ min: 0, max: 1000, noNaN: true })
const anyBox = fc.record({ x: coordinate, y: coordinate, width: size, height: size })
const pixel = fc.integer({ min: 0, max: 60 })
const pixelBox = fc.record({ x: pixel, y: pixel, width: pixel, height: pixel })
const solidBox = anyBox.filter(({ width, height }) => width > 0.01 && height > 0.01)

describe('intersection over union', () => {
  test('of two squares that share a quarter is 1/7', () => {
    const overlap = iou({ x: 0, y: 0, width: 2, height: 2 }, { x: 1, y: 1, width: 2, height: 2 })
    expect(overlap).toBeCloseTo(1 / 7, 12)
  })

  test('of boxes that only touch is 0', () => {
    expect(iou({ x: 0, y: 0, width: 2, height: 2 }, { x: 2, y: 0, width: 2, height: 2 })).toBe(0)
  })

  test('is the same both ways, and in 0..1', () => {
    fc.assert(
      fc.property(anyBox, anyBox, (a, b) => {
        expect(iou(a, b)).toBe(iou(b, a))
        expect(iou(a, b)).toBeGreaterThanOrEqual(0)
        expect(iou(a, b)).toBeLessThanOrEqual(1)
      }),
    )
  })

  test('of a box with itself is 1, and with a box of no area 0', () => {
    fc.assert(
      fc.property(solidBox, (box) => {
        expect(iou(box, box)).toBeCloseTo(1, 6)
        expect(iou(box, { ...box, width: 0 })).toBe(0)
      }),
    )
  })
})

describe('overlap with a crowd', () => {
  test('is the share of the detection that lies in the crowd', () => {
    const crowd = { x: 0, y: 0, width: 100, height: 100 }
    expect(iouWithCrowd({ x: 10, y: 10, width: 5, height: 5 }, crowd)).toBe(1)
    expect(iouWithCrowd({ x: 95, y: 0, width: 10, height: 10 }, crowd)).toBe(0.5)
  })

  test('is never below the plain one, and in 0..1', () => {
    fc.assert(
      fc.property(pixelBox, pixelBox, (detection, crowd) => {
        const overlap = iouWithCrowd(detection, crowd)
        expect(overlap).toBeGreaterThanOrEqual(iou(detection, crowd))
        expect(overlap).toBeLessThanOrEqual(1)
      }),
    )
  })
})
