import { expect, test } from 'vitest'
import { elementHeight, offsetAfter, scrollTopAt } from './long-scroll.ts'

const short = { list: 5_000, window: 500 }
const long = { list: 40_000_500, window: 500 }

test('a list that an element can hold stands where its scroll bar stands', () => {
  expect(elementHeight(short)).toBe(5_000)
  expect(scrollTopAt(1_234, short)).toBe(1_234)
  expect(offsetAfter({ scrollTop: 0, offset: 0 }, 4_000, short)).toBe(4_000)
})

test('a step in a taller list passes nothing over', () => {
  const before = { scrollTop: 1_000, offset: 4_000 }
  expect(offsetAfter(before, 1_100, long)).toBe(4_100)
  expect(offsetAfter(before, 900, long)).toBe(3_900)
})

test('a dragged bar goes to the same share of the list', () => {
  const room = elementHeight(long) - long.window
  expect(offsetAfter({ scrollTop: 0, offset: 0 }, room / 2, long)).toBeCloseTo(20_000_000)
  expect(scrollTopAt(20_000_000, long)).toBeCloseTo(room / 2)
})

test('both ends of the bar are the ends of the list', () => {
  const before = { scrollTop: 300, offset: 1_200 }
  expect(offsetAfter(before, 0, long)).toBe(0)
  expect(offsetAfter(before, elementHeight(long) - long.window, long)).toBe(long.list - long.window)
})
