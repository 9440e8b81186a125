import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boxAround, centreToCorner, cornerToCentre, isSameTurn } from './turned.ts'

const box = { x: 40, y: 30, width: 20, height: 10 }
const quarter = Math.PI / 2
const side = fc.integer({ min: 1, max: 500 })
const anyBox = fc.record({ x: side, y: side, width: side, height: side })
const anyTurn = fc.double({ min: -7, max: 7, noNaN: true })

test('the box around a box that is turned by a quarter lies across it; one that is not turned is its own', () => {
  const around = boxAround({ box, rotation: quarter })
  for (const [key, value] of Object.entries({ x: 45, y: 25, width: 10, height: 20 }))
    expect(around[key as keyof typeof around]).toBeCloseTo(value, 9) // its keys are those of the box
  expect(boxAround({ box })).toBe(box)
  expect(boxAround({ box, rotation: 0 })).toBe(box)
})

test('the box around a turned box is the smallest that holds its four corners', () => {
  fc.assert(
    fc.property(anyBox, anyTurn, (any, rotation) => {
      const [middleX, middleY] = [any.x + any.width / 2, any.y + any.height / 2]
      const corners = [-1, 1].flatMap((right) =>
        [-1, 1].map((down) => {
          const [x, y] = [(right * any.width) / 2, (down * any.height) / 2]
          return {
            x: middleX + x * Math.cos(rotation) - y * Math.sin(rotation),
            y: middleY + x * Math.sin(rotation) + y * Math.cos(rotation),
          }
        }),
      )
      const around = boxAround({ box: any, rotation })
      expect(around.x).toBeCloseTo(Math.min(...corners.map(({ x }) => x)), 6)
      expect(around.y).toBeCloseTo(Math.min(...corners.map(({ y }) => y)), 6)
      expect(around.x + around.width).toBeCloseTo(Math.max(...corners.map(({ x }) => x)), 6)
      expect(around.y + around.height).toBeCloseTo(Math.max(...corners.map(({ y }) => y)), 6)
    }),
  )
})

test('what turns about its corner is found about its middle, and back', () => {
  // 20 x 10 at 40, 30, turned by a quarter clockwise about 40, 30, covers 30, 30 to 40, 50: its middle is at 35, 40
  const centred = cornerToCentre(box, quarter)
  expect([centred.x + 10, centred.y + 5].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([35, 40])
  expect(cornerToCentre(box, 0)).toEqual(box)
  fc.assert(
    fc.property(anyBox, anyTurn, (any, radians) => {
      const back = centreToCorner(cornerToCentre(any, radians), radians)
      expect(back.x).toBeCloseTo(any.x, 6)
      expect(back.y).toBeCloseTo(any.y, 6)
    }),
  )
})

test('whole turns more or less are the same turn', () => {
  expect(isSameTurn(0.1, 0.1 + 4 * Math.PI, 1e-9)).toBe(true)
  expect(isSameTurn(2 * Math.PI - 1e-10, 0, 1e-9)).toBe(true)
  expect(isSameTurn(0, Math.PI, 1e-9)).toBe(false)
})
