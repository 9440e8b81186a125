import { clipBox, type BoxXywh } from '@ymir/detection'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readShape, shapeOf } from './cvat/shapes.ts'
import { drawn } from './cvat/shape.ts'
import { labelConfig, readRegion, regionOf } from './label-studio/boxes.ts'
import { around } from './rectangle.ts'
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
    }),
  )
})

test('a box comes back from corners as it went, to CVAT and back', () => {
  fc.assert(
    fc.property(anyBox, fc.boolean(), (box, truncated) => {
      const sent = shapeOf({ label: 'brick', box, score: null, ...flags, truncated }, 3, 7)
      const back = readShape(drawn.parse(JSON.parse(JSON.stringify(sent))), image, new Map([[7, 'brick']]))
      expect(back).toMatchObject({ label: 'brick', ...flags, truncated })
      expectSame(back.box, box)
    }),
  )
})

test('a turned box becomes the box around it, as each tool turns it', () => {
  // 20 x 10 at 40, 30: Label Studio turns it a quarter clockwise around 40, 30; CVAT around its centre 50, 35
  const value = { x: 40, y: 30, width: 20, height: 10, rotation: 90, rectanglelabels: ['brick'] }
  const size = { width: 100, height: 100 }
  expectSame(readRegion({ type: 'rectanglelabels', value }, size)[0]!.box, {
    x: 30,
    y: 30,
    width: 10,
    height: 20,
  })
  const shape = drawn.parse({
    type: 'rectangle',
    frame: 0,
    label_id: 1,
    points: [40, 30, 60, 40],
    rotation: 90,
  })
  expectSame(readShape(shape, size, new Map()).box, { x: 45, y: 25, width: 10, height: 20 })
})

test('the box around a turned box holds its corners, stays in the image, and is the box itself at no turn', () => {
  fc.assert(
    fc.property(anyBox, fc.integer({ min: -720, max: 720 }), (box, degrees) => {
      const centre = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
      const outer = around(box, degrees, centre, image)
      if (degrees % 360 === 0) return expectSame(outer, box)
      expectSame(clipBox(outer, image), outer)
      // the centre stays, and turning by half a turn gives the same box around
      expectSame(around(box, degrees + 180, centre, image), outer)
      expect(outer.x).toBeLessThanOrEqual(centre.x)
      expect(outer.x + outer.width).toBeGreaterThanOrEqual(centre.x)
    }),
  )
})

test('what cannot be taken is said in words', () => {
  const read = (region: object) => () => readRegion({ type: 'rectanglelabels', ...region }, image)
  expect(read({ type: 'polygonlabels' })).toThrow('only labelled rectangles')
  expect(read({ original_width: 10, original_height: 751 })).toThrow('this one is 1333x751')
  expect(read({ value: { x: 1, y: 1, width: 2, height: 2, rectanglelabels: [] } })).toThrow('has no label')
  const shape = { type: 'polygon', frame: 0, label_id: 1, points: [0, 0, 1, 1, 2, 2] }
  expect(() => readShape(drawn.parse(shape), image, new Map())).toThrow('only rectangles')
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
})
