import { expect, test } from 'vitest'
import { fitting, showing, toImage, toWindow, visible, zoomed } from './view.ts'

const image = { width: 200, height: 100 }
const window = { width: 432, height: 432 }

test('an image that fits lies whole in the middle', () => {
  const view = fitting(image, window)

  expect(toWindow(view, { x: 0, y: 0, ...image })).toEqual({ x: 16, y: 116, width: 400, height: 200 })
  expect(visible(view, image, window)).toEqual({ x: 0, y: 0, ...image })
})

test('zooming keeps the pixel under the pointer there', () => {
  const pointer = { x: 100, y: 150 }
  const view = fitting(image, window)
  const near = zoomed(view, 3, pointer, image, window)

  expect(near.scale).toBeCloseTo(3 * view.scale)
  const [before, after] = [toImage(view, pointer), toImage(near, pointer)]
  expect([after.x, after.y]).toEqual([expect.closeTo(before.x), expect.closeTo(before.y)])
})

test('zooming ends where an image would be lost from sight', () => {
  const view = fitting(image, window)

  expect(zoomed(view, 1e6, { x: 0, y: 0 }, image, window).scale).toBe(40)
  expect(zoomed(view, 1e-6, { x: 0, y: 0 }, image, window).scale).toBe(1)
})

test('a box out of sight is brought into the middle, one in sight leaves the view', () => {
  const near = zoomed(fitting(image, window), 5, { x: 16, y: 216 }, image, window)
  const box = { x: 180, y: 50, width: 10, height: 10 }

  const shown = toWindow(showing(near, box, window), box)
  expect([shown.x + shown.width / 2, shown.y + shown.height / 2]).toEqual([216, 216])
  expect(showing(fitting(image, window), box, window)).toEqual(fitting(image, window))
})
