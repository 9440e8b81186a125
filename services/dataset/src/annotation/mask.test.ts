import { expect, test } from 'vitest'
import fc from 'fast-check'
import { boxOfRuns, countsOf, runsOf } from './mask.ts'

// by hand from pycocotools' rleToString: 7 = 00111 -> '7'; 100 = 3 * 32 + 4 -> 'T3'; third run 8 - 0 -> '8'; fourth 90 - 100 = -10 -> 'F'
test('run lengths are written as pycocotools writes them', () => {
  expect(countsOf([7, 100, 8, 90])).toBe('7T38F')
  expect(runsOf('7T38F')).toEqual([7, 100, 8, 90])
})

test('any run lengths come back', () => {
  const runs = fc.array(fc.integer({ min: 0, max: 100_000_000 }), { maxLength: 30 })
  fc.assert(
    fc.property(runs, (all) => {
      expect(runsOf(countsOf(all))).toEqual(all)
    }),
  )
})

test.each(['T', ' ', 'é', 'oooooooooo', 'O'])('"%s" says no run lengths', (text) => {
  expect(runsOf(text)).toBeUndefined()
})

test('a box encloses the object of a mask and nothing else', () => {
  const image = fc.tuple(
    fc.integer({ min: 1, max: 7 }),
    fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
  )
  fc.assert(
    fc.property(image, ([height, some]) => {
      const pixels = some.slice(0, Math.floor(some.length / height) * height)
      const object = pixels.flatMap((isObject, at) =>
        isObject ? [[Math.floor(at / height), at % height] as const] : [],
      )
      const [xs, ys] = [object.map(([x]) => x), object.map(([, y]) => y)]
      const box = object.length
        ? {
            ...{ x: Math.min(...xs), y: Math.min(...ys) },
            ...{
              width: Math.max(...xs) - Math.min(...xs) + 1,
              height: Math.max(...ys) - Math.min(...ys) + 1,
            },
          }
        : undefined
      expect(boxOfRuns(runsOfPixels(pixels), height)).toEqual(box)
    }),
  )
})

function runsOfPixels(pixels: readonly boolean[]): number[] {
  const runs = [0]
  pixels.forEach((isObject) => {
    if (isObject !== (runs.length % 2 === 0)) runs.push(0)
    runs[runs.length - 1]!++
  })
  return runs
}
