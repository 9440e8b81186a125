import { background, confuse, iou } from '@ymir/detection'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addTallies,
  agreementOf,
  compareWithKnown,
  emptyTally,
  f1Of,
  meanIouOf,
  precisionOf,
  recallOf,
  type JudgedBox,
  type Tally,
} from './known-answers.ts'

/** A box of 10 x 10 pixels. */
const aBox = (label: string, x: number, crowd = false, width = 10): JudgedBox => ({
  ...{ label, box: { x, y: 0, width, height: 10 }, crowd },
})
const words = ({ confusion }: Tally) =>
  confusion.map(({ known, given, count }) => `${known ?? ''}>${given ?? ''} ${count}`)

const side = fc.integer({ min: 1, max: 30 })
const anyBox = fc.record({
  label: fc.constantFrom('cat', 'dog'),
  box: fc.record({ x: side, y: side, width: side, height: side }),
  crowd: fc.constant(false),
})
const anyBoxes = fc.array(anyBox, { maxLength: 12 })

describe('an answer to a gold image', () => {
  test('has precision, recall, mean IoU and confusion as computed by hand', () => {
    const known = [aBox('cat', 0), aBox('cat', 100), aBox('dog', 200), aBox('dog', 300)]
    const given = [
      aBox('cat', 0), // right: IoU 1
      aBox('cat', 102), // right: 8 of 12, IoU 2/3
      aBox('cat', 200), // a dog
      aBox('dog', 400), // nothing is there
    ] // and the dog at 300 is missed
    const tally = compareWithKnown(known, given)
    expect(tally).toMatchObject({ images: 1, known: 4, given: 4, matched: 2 })
    expect(precisionOf(tally)).toBe(0.5)
    expect(recallOf(tally)).toBe(0.5)
    expect(meanIouOf(tally)).toBeCloseTo(5 / 6, 12)
    expect(words(tally)).toEqual(['cat>cat 2', 'dog>cat 1', 'dog> 1', '>dog 1'])
  })

  test('matches at an IoU of a half, and not below', () => {
    const atHalf = compareWithKnown([aBox('cat', 0)], [aBox('cat', 0, false, 5)])
    expect(atHalf).toMatchObject({ matched: 1, iouSum: 0.5 })
    const below = compareWithKnown([aBox('cat', 0)], [aBox('cat', 0, false, 4.9)])
    expect(words(below)).toEqual(['cat> 1', '>cat 1'])
  })

  test('gives an object to the box that lies best, and each box to one object', () => {
    const tally = compareWithKnown([aBox('cat', 0)], [aBox('cat', 3), aBox('cat', 1)])
    expect(tally).toMatchObject({ matched: 1, given: 2 })
    expect(tally.iouSum).toBeCloseTo(9 / 11, 12)
  })

  test('what lies in a crowd is neither right nor wrong, and nobody has to draw it', () => {
    const tally = compareWithKnown([aBox('cat', 0, true, 100)], [aBox('cat', 30), aBox('dog', 60)])
    expect(words(tally)).toEqual(['>dog 1'])
    expect(tally).toMatchObject({ known: 0, given: 1, matched: 0 })
    expect([precisionOf(tally), recallOf(tally), meanIouOf(tally)]).toEqual([0, null, null])
  })

  test('without a box has no precision, and a recall of 0', () => {
    const tally = compareWithKnown([aBox('cat', 0)], [])
    expect([precisionOf(tally), recallOf(tally)]).toEqual([null, 0])
  })

  test('that is the known one is perfect, in whatever order', () => {
    const apart = (boxes: readonly JudgedBox[]) =>
      boxes.every((a) => boxes.every((b) => a === b || iou(a.box, b.box) < 0.5))
    fc.assert(
      fc.property(anyBoxes.filter(apart), (known) => {
        const tally = compareWithKnown(known, known.toReversed())
        expect(tally).toMatchObject({ known: known.length, given: known.length, matched: known.length })
        expect(tally.iouSum).toBeCloseTo(known.length, 9)
      }),
    )
  })

  test('every known and every given box is counted once', () => {
    fc.assert(
      fc.property(anyBoxes, anyBoxes, (known, given) => {
        const { confusion, matched } = compareWithKnown(known, given)
        const countOf = (those: typeof confusion) => those.reduce((sum, { count }) => sum + count, 0)
        expect(countOf(confusion.filter((one) => one.known !== null))).toBe(known.length)
        expect(countOf(confusion.filter((one) => one.given !== null))).toBe(given.length)
        expect(countOf(confusion.filter((one) => one.known === one.given))).toBe(matched)
      }),
    )
  })

  test('is confused as the evaluation of models confuses it, where objects lie apart', () => {
    const jitter = fc.integer({ min: -4, max: 4 })
    const answers = fc.array(fc.record({ label: fc.constantFrom('cat', 'dog', 'none'), by: jitter }), {
      ...{ minLength: 1, maxLength: 8 },
    })
    fc.assert(
      fc.property(answers, (wanted) => {
        const known = wanted.map((_, index) => aBox(index % 2 ? 'cat' : 'dog', index * 50))
        const given = wanted.flatMap(({ label, by }, index) =>
          label === 'none' ? [] : [aBox(label, index * 50 + by)],
        )
        const inImage = (boxes: readonly JudgedBox[]) =>
          boxes.map((box) => ({ ...box, imageId: 'a', score: 1 }))
        const labels = ['cat', 'dog']
        const oracle = confuse(
          { images: ['a'], labels, groundTruth: inImage(known), detections: inImage(given) },
          0,
        )
        const name = (label: number) => (label === background ? '' : labels[label]!)
        const rows = Array.from({ length: oracle.count }, (_, row) => {
          return `${name(oracle.groundTruth[row]!)}>${name(oracle.predicted[row]!)}`
        })
        const ours = compareWithKnown(known, given).confusion.flatMap((one) =>
          Array<string>(one.count).fill(`${one.known ?? ''}>${one.given ?? ''}`),
        )
        expect(ours.sort()).toEqual(rows.sort())
      }),
    )
  })
})

test('tallies of several images add up', () => {
  const one = compareWithKnown([aBox('cat', 0)], [aBox('cat', 0)])
  const other = compareWithKnown([aBox('cat', 0), aBox('dog', 50)], [aBox('cat', 50)])
  const both = addTallies(addTallies(emptyTally, one), other)
  expect(both).toMatchObject({ images: 2, known: 3, given: 2, matched: 1 })
  expect(words(both)).toEqual(['cat>cat 1', 'cat> 1', 'dog>cat 1'])
})

describe('two answers to one image', () => {
  test('agree by F1 and the IoU of what they agree on', () => {
    const agreement = agreementOf([aBox('cat', 0), aBox('dog', 50)], [aBox('cat', 2), aBox('cat', 50)])
    expect(agreement).toMatchObject({ images: 1, boxes: 4, matched: 1 })
    expect(f1Of(agreement)).toBe(0.5)
    expect(meanIouOf(agreement)).toBeCloseTo(2 / 3, 12)
  })

  test('agree as much whichever comes first, and wholly with themselves', () => {
    fc.assert(
      fc.property(anyBoxes, anyBoxes, (one, other) => {
        expect(agreementOf(one, other).matched).toBe(agreementOf(other, one).matched)
        const f1 = f1Of(agreementOf(one, one))
        expect(f1).toBe(one.length ? 1 : null)
      }),
    )
  })
})
