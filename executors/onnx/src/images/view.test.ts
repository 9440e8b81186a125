import { expect, test } from 'vitest'
import type { Letterbox } from './letterbox.ts'
import { views } from './view.ts'

const image: Letterbox = {
  ...{ width: 3, height: 2, left: 0, top: 0, scaleX: 1, scaleY: 1, original: { width: 3, height: 2 } },
  pixels: Uint8Array.of(
    ...[1, 2, 3],
    ...[4, 5, 6],
    ...[7, 8, 9],
    ...[10, 20, 30],
    ...[40, 50, 60],
    ...[250, 0, 100],
  ),
}

test('a flipped image is mirrored row by row, and its boxes come back to where they were', () => {
  expect([...views.flip.show(image)]).toEqual([
    ...[7, 8, 9, 4, 5, 6, 1, 2, 3],
    ...[250, 0, 100, 40, 50, 60, 10, 20, 30],
  ])
  const box = { xmin: 0, ymin: 1, xmax: 1, ymax: 2 }
  expect(views.flip.back(box, image)).toEqual({ xmin: 2, ymin: 1, xmax: 3, ymax: 2 })
  expect(views.flip.back(views.flip.back(box, image), image)).toEqual(box)
})

test('light changes every level within its range, and moves no box', () => {
  expect([...views.brighter.show(image)].slice(-6)).toEqual([56, 70, 84, 255, 0, 140])
  expect([...views.darker.show(image)].slice(-6)).toEqual([24, 30, 36, 150, 0, 60])
  const box = { xmin: 0, ymin: 1, xmax: 1, ymax: 2 }
  expect(views.darker.back(box)).toBe(box)
})
