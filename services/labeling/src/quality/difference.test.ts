import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countChanges, differenceOf } from './difference.ts'

const aBox = (label: string, x: number, width = 100) => ({
  ...{ label, box: { x, y: 0, width, height: 100 } },
})
const kinds = (...changes: Parameters<typeof differenceOf>) =>
  differenceOf(...changes).map(({ kind }) => kind)

const side = fc.integer({ min: 1, max: 40 })
const anyBoxes = fc.array(
  fc.record({
    label: fc.constantFrom('cat', 'dog'),
    box: fc.record({ x: side, y: side, width: side, height: side }),
  }),
  { maxLength: 12 },
)

test('each box is kept, moved, relabelled, removed or added, in the order of the start', () => {
  const start = [aBox('cat', 0), aBox('cat', 200), aBox('cat', 400), aBox('dog', 600)]
  const answer = [aBox('cat', 800), aBox('dog', 402), aBox('cat', 210), aBox('cat', 1)]
  expect(kinds(start, answer)).toEqual(['KEPT', 'MOVED', 'RELABELLED', 'REMOVED', 'ADDED'])
  expect(countChanges(differenceOf(start, answer))).toEqual({
    ...{ kept: 1, moved: 1, relabelled: 1, removed: 1, added: 1 },
  })
})

test('a box is moved when its IoU falls below 0.98', () => {
  expect(kinds([aBox('cat', 0)], [aBox('cat', 0, 98)])).toEqual(['KEPT'])
  expect(kinds([aBox('cat', 0)], [aBox('cat', 0, 97.9)])).toEqual(['MOVED'])
})

test('a box is moved when it is turned by more than half a degree, and not by whole turns', () => {
  const turned = (rotation?: number) => ({ ...aBox('cat', 0), ...(rotation && { rotation }) })
  expect(kinds([turned()], [turned(0.009)])).toEqual(['KEPT'])
  expect(kinds([turned()], [turned(0.02)])).toEqual(['MOVED'])
  expect(kinds([turned(0.3)], [turned(-0.3)])).toEqual(['MOVED']) // of one box around both
  expect(kinds([turned(2 * Math.PI - 0.001)], [turned()])).toEqual(['KEPT'])
})

test('a box that has hardly anything of the other is another one', () => {
  expect(kinds([aBox('cat', 0)], [aBox('cat', 40)])).toEqual(['REMOVED', 'ADDED'])
})

test('its own label goes before a better place', () => {
  const changes = differenceOf([aBox('cat', 0)], [aBox('dog', 0), aBox('cat', 10)])
  expect(changes).toMatchObject([
    { kind: 'MOVED', after: { label: 'cat' } },
    { kind: 'ADDED', after: { label: 'dog' } },
  ])
})

test('nothing changed is all kept', () => {
  fc.assert(
    fc.property(anyBoxes, (boxes) => {
      expect(kinds(boxes, boxes).filter((kind) => kind !== 'KEPT')).toEqual([])
    }),
  )
})

test('every box before and after is told of once, and backwards what was added is removed', () => {
  fc.assert(
    fc.property(anyBoxes, anyBoxes, (start, answer) => {
      const counts = countChanges(differenceOf(start, answer))
      const paired = counts.kept + counts.moved + counts.relabelled
      expect(paired + counts.removed).toBe(start.length)
      expect(paired + counts.added).toBe(answer.length)
      const back = countChanges(differenceOf(answer, start))
      expect([back.added, back.removed]).toEqual([counts.removed, counts.added])
    }),
  )
})
