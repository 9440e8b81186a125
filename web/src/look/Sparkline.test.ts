import { expect, test } from 'vitest'
import { pointsOf } from './Sparkline.tsx'

test('the highest value is at the top, the lowest at the bottom, and time goes to the right', () => {
  expect(pointsOf([0.5, 1, 0.75], 106, 26)).toEqual([
    [3, 23],
    [53, 3],
    [103, 13],
  ])
})

test('a figure that does not change is a line in the middle', () => {
  expect(pointsOf([0.9, 0.9], 46, 26).map(([, y]) => y)).toEqual([13, 13])
})
