import { isSameTurn, type BoxXywh } from '@ymir/detection'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Annotation } from '../item/annotation.ts'
import { readShape, shapeOf } from './cvat/shapes.ts'
import { drawn } from './cvat/shape.ts'
import { labelConfig, readRegion, regionOf } from './label-studio/boxes.ts'
import { startOf } from './start.ts'

const flags = { difficult: false, truncated: false, crowd: false }
const image = { width: 1_333, height: 751 }

/** Boxes of an image in tenths of a pixel, some as large as the image. */
const anySide = fc.tuple(fc.integer({ min: 0, max: 7_500 }), fc.integer({ min: 1, max: 7_510 }))
const anyBox = fc
  .tuple(anySide, anySide)
  .map(([[x, width], [y, height]]): BoxXywh => ({
    x: x / 10,
    y: y / 10,
    width: Math.min(width / 10, image.width - x / 10),
    height: Math.min(height / 10, image.height - y / 10),
  }))
  .filter(({ width, height }) => width > 0 && height > 0)

/** A box is the same to a thousandth of a pixel. */
function expectSame(box: BoxXywh, expected: BoxXywh): void {
  for (const side of ['x', 'y', 'width', 'height'] as const) expect(box[side]).toBeCloseTo(expected[side], 3)
}

test('a box comes back from percent as it went, to Label Studio and back', () => {
  fc.assert(
    fc.property(anyBox, (box) => {
      const sent = regionOf({ label: 'a & b', box, score: 0.5, ...flags, crowd: true }, image, 0)
      const [back] = readRegion(JSON.parse(JSON.stringify(sent)), image)
      expect(back).toMatchObject({ label: 'a & b', ...flags, crowd: true })
      expectSame(back!.box, box)
      expect(back).not.toHaveProperty('rotation')
    }),
  )
})

test('a box comes back from corners as it went, to CVAT and back', () => {
  fc.assert(
    fc.property(anyBox, fc.boolean(), (box, truncated) => {
      const sent = shapeOf({ label: 'brick', box, score: null, ...flags, truncated }, 3, 7)
      const back = readShape(drawn.parse(JSON.parse(JSON.stringify(sent))), new Map([[7, 'brick']]))
      expect(back).toMatchObject({ label: 'brick', ...flags, truncated })
      expectSame(back.box, box)
    }),
  )
})

test('a turned box is read as each tool turns it: Label Studio about its upper left corner, CVAT about its middle', () => {
  // 20 x 10 at 40, 30, by a quarter clockwise: Label Studio's covers 30, 30 to 40, 50, so that its middle is 35, 40
  const value = { x: 40, y: 30, width: 20, height: 10, rotation: 90, rectanglelabels: ['brick'] }
  const size = { width: 100, height: 100 }
  const [region] = readRegion({ type: 'rectanglelabels', value }, size)
  expect(region).toMatchObject({ box: { x: 25, y: 35, width: 20, height: 10 }, rotation: Math.PI / 2 })
  const shape = { type: 'rectangle', frame: 0, label_id: 1, points: [40, 30, 60, 40], rotation: 90 }
  expect(readShape(drawn.parse(shape), new Map())).toMatchObject({
    ...{ box: { x: 40, y: 30, width: 20, height: 10 }, rotation: Math.PI / 2 },
  })
})

test('a turned box comes back as it went, to either tool and back', () => {
  const sameTurn = (turned: Annotation | undefined, rotation: number) =>
    expect(isSameTurn(turned?.rotation ?? 0, rotation, 1e-8)).toBe(true)
  fc.assert(
    fc.property(anyBox, fc.double({ min: 0.001, max: 6.28, noNaN: true }), (box, rotation) => {
      const sent = { label: 'brick', box, rotation, score: null, ...flags }
      const [region] = readRegion(JSON.parse(JSON.stringify(regionOf(sent, image, 0))), image)
      const shape = readShape(
        drawn.parse(JSON.parse(JSON.stringify(shapeOf(sent, 0, 7)))),
        new Map([[7, 'brick']]),
      )
      for (const back of [region, shape]) {
        expectSame(back!.box, box)
        sameTurn(back, rotation)
      }
    }),
  )
})

test('a box that is not turned, or by whole turns, has no rotation', () => {
  const value = { x: 40, y: 30, width: 20, height: 10, rectanglelabels: ['brick'] }
  for (const rotation of [undefined, 0, 360, -720]) {
    const [region] = readRegion({ type: 'rectanglelabels', value: { ...value, rotation } }, image)
    expect(region).not.toHaveProperty('rotation')
    const shape = { type: 'rectangle', frame: 0, label_id: 1, points: [40, 30, 60, 40], rotation }
    expect(readShape(drawn.parse(shape), new Map())).not.toHaveProperty('rotation')
  }
})

test('what cannot be taken is said in words', () => {
  const read = (region: object) => () => readRegion({ type: 'rectanglelabels', ...region }, image)
  expect(read({ type: 'polygonlabels' })).toThrow('only labelled rectangles')
  expect(read({ original_width: 10, original_height: 751 })).toThrow('this one is 1333x751')
  expect(read({ value: { x: 1, y: 1, width: 2, height: 2, rectanglelabels: [] } })).toThrow('has no label')
  const shape = { type: 'polygon', frame: 0, label_id: 1, points: [0, 0, 1, 1, 2, 2] }
  expect(() => readShape(drawn.parse(shape), new Map())).toThrow('only rectangles')
})

test('names of classes cannot break out of the labelling configuration', () => {
  expect(labelConfig(['a"/><Header value="x', "it's <b>"])).not.toMatch(/<Header|<b>|it's/)
})

test("a model's box is left out where a box of its class is", () => {
  const box = { x: 10, y: 10, width: 20, height: 20 }
  const found = (label: string, x: number) => ({ label, box: { ...box, x }, score: 0.9 })
  const annotations = [{ label: 'brick', box, ...flags }]
  const predictions = [found('brick', 11), found('plate', 11), found('brick', 60)]
  expect(startOf({ annotations, predictions }).map(({ label, score }) => [label, score])).toEqual([
    ['brick', null],
    ['plate', 0.9],
    ['brick', 0.9],
  ])
  // long and lying, or turned upright: then the model's box elsewhere is another object's
  const long = { label: 'brick', box: { x: 0, y: 40, width: 60, height: 6 }, ...flags }
  const lying = [{ label: 'brick', box: long.box, score: 0.9 }]
  expect(startOf({ annotations: [long], predictions: lying })).toHaveLength(1)
  const upright = { ...long, rotation: Math.PI / 2 }
  expect(startOf({ annotations: [upright], predictions: lying })).toHaveLength(2)
})
