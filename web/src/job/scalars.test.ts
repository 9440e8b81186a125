import { describe, expect, test } from 'vitest'
import { figuresOf, mostPoints, smoothed, thinned, withLogged, type Point } from './scalars.ts'

const logged = (...steps: number[]) => steps.map((step) => ({ tag: 'loss', step, value: step * 10 }))
const wave = (count: number): Point[] =>
  Array.from({ length: count }, (_, x) => ({ x, y: Math.sin(x / 50) + (x === 777 ? 9 : 0) }))

describe('logged numbers', () => {
  test('are appended to their tag in order', () => {
    const curves = withLogged(withLogged(new Map(), logged(1, 2)), logged(3))
    expect(curves.get('loss')?.map(({ x }) => x)).toEqual([1, 2, 3])
  })

  test('told twice are there once', () => {
    const once = withLogged(new Map(), logged(1, 2))
    expect(withLogged(once, logged(1, 2)).get('loss')).toEqual(once.get('loss'))
  })

  test('that are no numbers are left out', () => {
    expect(withLogged(new Map(), [{ tag: 'loss', step: 1, value: NaN }]).get('loss')).toEqual([])
  })

  test('never become more than twice what a screen shows', () => {
    const many = Array.from({ length: 50_000 }, (_, step) => ({ tag: 'loss', step, value: step }))
    const points = withLogged(new Map(), many).get('loss')!
    expect(points.length).toBeLessThanOrEqual(2 * mostPoints)
    expect(points.at(-1)).toEqual({ x: 49_999, y: 49_999 })
  })
})

describe('a thinned curve', () => {
  test('keeps its ends, its order and its peak', () => {
    const few = thinned(wave(10_000), 100)
    expect(few.length).toBeLessThanOrEqual(100)
    expect(few[0]!.x).toBe(0)
    expect(few.at(-1)!.x).toBe(9_999)
    expect(few.some(({ x }) => x === 777)).toBe(true)
    expect(few.every(({ x }, index) => index === 0 || x > few[index - 1]!.x)).toBe(true)
  })

  test('that is short enough stays as it is', () => {
    expect(thinned(wave(50), 100)).toEqual(wave(50))
  })
})

test('smoothing leaves a level curve level from its first point on', () => {
  const level = [1, 2, 3].map((x) => ({ x, y: 5 }))
  for (const { y } of smoothed(level, 0.9)) expect(y).toBeCloseTo(5)
})

test('the same number of training and validation share a figure, loss first', () => {
  const curves = new Map(['val/mAP', 'val/loss', 'train/loss', 'train/rate'].map((tag) => [tag, []]))
  expect(figuresOf(curves)).toEqual([
    { name: 'loss', tags: ['train/loss', 'val/loss'] },
    { name: 'mAP', tags: ['val/mAP'] },
    { name: 'rate', tags: ['train/rate'] },
  ])
})
