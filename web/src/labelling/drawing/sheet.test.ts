import { expect, test } from 'vitest'
import { degreesOf } from './turned.ts'
import { answerOf, changed, newSheet, selectedIn, type Change, type Drawn, type Sheet } from './sheet.ts'

const image = { width: 100, height: 80 }
const drawn = (x: number, label = 'brick'): Drawn => ({
  ...{ label, box: { x, y: 10, width: 20, height: 20 } },
  ...{ difficult: false, truncated: false, crowd: false },
})
const found = (x: number, score = 0.9) => ({ label: 'brick', score, box: drawn(x).box })
const after = (sheet: Sheet, ...changes: Change[]) => changes.reduce(changed, sheet)
const boxesOf = (sheet: Sheet) => answerOf(sheet).map(({ box }) => box)
const empty = newSheet(image, [], [], 'brick')

test('a box drawn beyond the border ends there, on whole pixels, and is selected', () => {
  const sheet = after(empty, { do: 'draw', from: { x: 130, y: 30.4 }, to: { x: 60.6, y: -5 } })

  expect(boxesOf(sheet)).toEqual([{ x: 61, y: 0, width: 39, height: 30 }])
  expect(selectedIn(sheet)?.what.label).toBe('brick')
})

test('arrow keys stop at the border, and one undo takes a walk of them back', () => {
  const start = after(newSheet(image, [drawn(70)], [], 'brick'), { do: 'walk', by: 1 })
  const moved = after(start, ...Array<Change>(5).fill({ do: 'move', by: { x: 10, y: 0 } }))

  expect(boxesOf(moved)).toEqual([{ x: 80, y: 10, width: 20, height: 20 }])
  expect(boxesOf(after(moved, { do: 'undo' }))).toEqual(boxesOf(start))
  expect(boxesOf(after(moved, { do: 'undo' }, { do: 'redo' }))).toEqual(boxesOf(moved))
})

test('a box cannot be made smaller than a pixel nor larger than the image', () => {
  const start = after(newSheet(image, [drawn(70)], [], 'brick'), { do: 'walk', by: 1 })

  expect(boxesOf(after(start, { do: 'stretch', by: { x: -50, y: -50 } }))).toEqual([
    { x: 70, y: 10, width: 1, height: 1 },
  ])
  expect(boxesOf(after(start, { do: 'stretch', by: { x: 500, y: 500 } }))).toEqual([
    { x: 70, y: 10, width: 30, height: 70 },
  ])
})

test('a label goes to the selected box and to the next one', () => {
  const sheet = after(
    newSheet(image, [drawn(0)], [], 'brick'),
    { do: 'walk', by: 1 },
    { do: 'label', label: 'plate' },
    { do: 'draw', from: { x: 50, y: 50 }, to: { x: 60, y: 60 } },
  )

  expect(answerOf(sheet).map(({ label }) => label)).toEqual(['plate', 'plate'])
})

test('suggestions are no answer until they are accepted: the selected, else the most certain, or all', () => {
  const start = newSheet(image, [], [found(0, 0.5), found(30, 0.8), found(60, 0.6)], 'brick')

  expect(answerOf(start)).toEqual([])
  expect(boxesOf(after(start, { do: 'accept' })).map(({ x }) => x)).toEqual([30])
  expect(boxesOf(after(start, { do: 'walk', by: 1 }, { do: 'accept' })).map(({ x }) => x)).toEqual([0])
  const all = after(start, { do: 'acceptAll' })
  expect(boxesOf(all).map(({ x }) => x)).toEqual([0, 30, 60])
  expect(after(all, { do: 'undo' }).suggestions).toEqual(start.suggestions)
})

test('a suggestion that is moved or given another label is corrected, and counts', () => {
  const start = after(newSheet(image, [], [found(0)], 'brick'), { do: 'walk', by: 1 })

  expect(boxesOf(after(start, { do: 'move', by: { x: 3, y: 0 } })).map(({ x }) => x)).toEqual([3])
  expect(answerOf(after(start, { do: 'label', label: 'plate' }))[0]).toMatchObject({ label: 'plate' })
})

test('what a model found where a box of its label is drawn already is not suggested', () => {
  expect(newSheet(image, [drawn(1)], [found(0), found(60)], 'brick').suggestions).toHaveLength(1)
  expect(newSheet(image, [drawn(1, 'plate')], [found(0)], 'brick').suggestions).toHaveLength(1)
})

test('walking goes through all boxes in reading order and begins anew, backwards too', () => {
  const sheet = newSheet(image, [drawn(60), drawn(0)], [found(30)], 'brick')
  const at = (walks: number, by: 1 | -1) =>
    selectedIn(after(sheet, ...Array<Change>(walks).fill({ do: 'walk', by })))?.what.box.x

  expect([1, 2, 3, 4].map((walks) => at(walks, 1))).toEqual([0, 30, 60, 0])
  expect([1, 2].map((walks) => at(walks, -1))).toEqual([60, 30])
})

test('boxes of the image before are cut to this image; those outside are left out', () => {
  const wide = { ...drawn(0), box: { x: 90, y: 10, width: 40, height: 20 } }
  const sheet = after(empty, { do: 'copy', boxes: [drawn(5), wide, drawn(300)] })

  expect(boxesOf(sheet)).toEqual([drawn(5).box, { x: 90, y: 10, width: 10, height: 20 }])
  expect(boxesOf(after(sheet, { do: 'undo' }))).toEqual([])
})

test('a turned box keeps its turn when it is moved, resized, placed or copied, and may reach beyond the image', () => {
  const upright: Drawn = { ...drawn(0), box: { x: -14, y: 36, width: 40, height: 8 }, rotation: Math.PI / 2 }
  const start = after(newSheet(image, [upright], [], 'brick'), { do: 'walk', by: 1 })
  const only = (sheet: Sheet) => answerOf(sheet)[0]!

  expect(answerOf(start)).toEqual([upright])
  const moved = only(after(start, { do: 'move', by: { x: -50, y: 3 } }))
  expect(moved).toMatchObject({ box: { x: -20, y: 39, width: 40, height: 8 }, rotation: Math.PI / 2 })
  const stretched = only(after(start, { do: 'stretch', by: { x: 10, y: 0 } }))
  expect(stretched).toMatchObject({ box: { width: 50, height: 8 }, rotation: Math.PI / 2 })
  // its upper end stays at 10, 20 as it is seen: it grows downwards
  expect([stretched.box.x, stretched.box.y].map(Math.round)).toEqual([-19, 41])
  const placed = only(after(start, { do: 'place', id: 'box 0', ...upright, rotation: 1 }))
  expect(placed).toMatchObject({ box: upright.box, rotation: 1 })
  const copied = after(empty, {
    do: 'copy',
    boxes: [upright, { ...upright, box: { ...upright.box, x: -30 } }],
  })
  expect(answerOf(copied)).toEqual([upright])
})

test('a box is turned by steps that one undo takes back, and turned back it lies in the image again', () => {
  const start = after(newSheet(image, [drawn(70)], [], 'brick'), { do: 'walk', by: 1 })
  const turned = after(start, ...Array<Change>(4).fill({ do: 'turn', by: -Math.PI / 8 }))

  expect(degreesOf(answerOf(turned)[0]!)).toBeCloseTo(270)
  expect(answerOf(after(turned, { do: 'undo' }))).toEqual([drawn(70)])
  const back = after(turned, { do: 'move', by: { x: 25, y: 0 } }, { do: 'turn', by: Math.PI / 2 })
  expect(answerOf(back)).toEqual([{ ...drawn(0), box: { x: 90, y: 10, width: 10, height: 20 } }])
})

test('a suggestion that is turned is corrected, and counts', () => {
  const start = after(newSheet(image, [], [found(0)], 'brick'), { do: 'walk', by: 1 })

  expect(answerOf(after(start, { do: 'turn', by: 0.5 }))).toEqual([{ ...drawn(0), rotation: 0.5 }])
})

test('a removed box comes back by undo, and nothing is selected that is not there', () => {
  const start = after(newSheet(image, [drawn(0)], [], 'brick'), { do: 'walk', by: 1 })
  const removed = after(start, { do: 'remove' })

  expect(removed).toMatchObject({ boxes: [], selectedId: undefined })
  expect(boxesOf(after(removed, { do: 'undo' }))).toEqual([drawn(0).box])
})
