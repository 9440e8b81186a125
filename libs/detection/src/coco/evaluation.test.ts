import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CocoEvaluation } from './evaluation.ts'
import { evaluateCoco } from './evaluation.ts'
import { cocoFixture, edgeCases } from './fixtures/read-fixtures.ts'
import type { Detection, EvaluationInput, GroundTruthBox } from './input.ts'
import { BadEvaluationInput } from './input.ts'

const square = { x: 100, y: 100, width: 50, height: 50 } // medium
const elsewhere = { x: 300, y: 100, width: 50, height: 50 }

function aTask(change: Partial<EvaluationInput> = {}): EvaluationInput {
  return { images: ['a', 'b'], labels: ['brick'], groundTruth: [], detections: [], ...change }
}

function aTruth(change: Partial<GroundTruthBox> = {}): GroundTruthBox {
  return { imageId: 'a', label: 'brick', box: square, ...change }
}

function aDetection(change: Partial<Detection> = {}): Detection {
  return { imageId: 'a', label: 'brick', box: square, score: 0.9, ...change }
}

function onlyLabel(evaluation: CocoEvaluation) {
  expect(evaluation.perLabel).toHaveLength(1)
  return evaluation.perLabel[0]!
}

describe('the evaluation equals pycocotools', () => {
  const { input, expected } = cocoFixture()
  const evaluation = evaluateCoco(input)

  test.each(Object.entries(expected.summary))('in %s', (figure, value) => {
    // as: the fixture's names are those of the summary
    const ours = evaluation.summary[figure as keyof typeof evaluation.summary]
    expect(Math.abs((ours ?? -1) - value)).toBeLessThan(1e-9)
  })

  test('in AP and AP50 of every class', () => {
    expect(evaluation.perLabel.map(({ label }) => label)).toEqual(Object.keys(expected.AP_per_class))
    for (const { label, ap, ap50 } of evaluation.perLabel) {
      expect(Math.abs(ap! - expected.AP_per_class[label]!), label).toBeLessThan(1e-9)
      expect(Math.abs(ap50! - expected.AP50_per_class[label]!), label).toBeLessThan(1e-9)
    }
  })

  test('on small awkward tasks: ties, crowds, borders of size, more than 100 detections in an image', () => {
    const cases = edgeCases()
    expect(cases).toHaveLength(40)
    for (const [index, { input, stats }] of cases.entries()) {
      const ours = Object.values(evaluateCoco(input).summary).map((value) => value ?? -1)
      expect(ours).toHaveLength(stats.length)
      const apart = ours.map((value, i) => Math.abs(value - stats[i]!))
      expect(Math.max(...apart), `case ${index}`).toBeLessThan(1e-9)
    }
  })
})

describe('an evaluation', () => {
  test('without detections scores 0 and misses everything', () => {
    const evaluation = evaluateCoco(aTask({ groundTruth: [aTruth()] }))
    expect(evaluation.summary).toMatchObject({
      AP: 0,
      AP50: 0,
      APmedium: 0,
      AR100: 0,
      APsmall: null,
      ARlarge: null,
    })
    expect(onlyLabel(evaluation)).toMatchObject({ truePositives: 0, falsePositives: 0, falseNegatives: 1 })
  })

  test('without ground truth has no figures, and counts false positives', () => {
    const evaluation = evaluateCoco(aTask({ detections: [aDetection()] }))
    expect(Object.values(evaluation.summary).every((value) => value === null)).toBe(true)
    expect(onlyLabel(evaluation)).toMatchObject({ ap: null, ap50: null, ar: null, falsePositives: 1 })
    expect(onlyLabel(evaluation).precisionAtRecall).toEqual([])
  })

  test('of nothing at all has no figures', () => {
    const evaluation = evaluateCoco({ images: [], labels: [], groundTruth: [], detections: [] })
    expect(evaluation).toMatchObject({ perLabel: [], imageCount: 0, summary: { AP: null, AR100: null } })
  })

  test('of a label that has only crowds has no figures, and forgives any number of detections in them', () => {
    const detections = [aDetection(), aDetection({ box: { ...square, width: 10 } })]
    const evaluation = evaluateCoco(aTask({ groundTruth: [aTruth({ isCrowd: true })], detections }))
    expect(onlyLabel(evaluation)).toMatchObject({ ap: null, groundTruthCount: 0, falsePositives: 0 })
  })

  test('leaves labels without ground truth out of the mean', () => {
    const task = aTask({ labels: ['brick', 'plate'], groundTruth: [aTruth()], detections: [aDetection()] })
    const evaluation = evaluateCoco({ ...task, detections: [aDetection(), aDetection({ label: 'plate' })] })
    expect(evaluation.summary.AP).toBe(1)
  })

  test('leaves boxes of labels that are not evaluated out', () => {
    const groundTruth = [aTruth(), aTruth({ label: 'wheel' })]
    const detections = [aDetection({ label: 'wheel' }), aDetection()]
    const evaluation = evaluateCoco(aTask({ groundTruth, detections }))
    expect(onlyLabel(evaluation)).toMatchObject({ ap: 1, groundTruthCount: 1, detectionCount: 1 })
  })

  test('gives a ground-truth box to the best-scored detection only', () => {
    const detections = [aDetection({ score: 0.5 }), aDetection({ score: 0.9 })]
    const evaluation = evaluateCoco(aTask({ groundTruth: [aTruth()], detections }))
    expect(onlyLabel(evaluation)).toMatchObject({ truePositives: 1, falsePositives: 1, falseNegatives: 0 })
  })

  test('counts right and wrong from the score threshold on, the threshold included', () => {
    const detections = [
      aDetection({ score: 0.8 }),
      aDetection({ score: 0.7, imageId: 'b' }),
      aDetection({ score: 0.6, box: elsewhere }),
    ]
    const groundTruth = [aTruth(), aTruth({ box: elsewhere })]
    const evaluation = evaluateCoco(aTask({ groundTruth, detections }), { scoreThreshold: 0.7 })
    expect(evaluation.scoreThreshold).toBe(0.7)
    expect(onlyLabel(evaluation)).toMatchObject({ truePositives: 1, falsePositives: 1, falseNegatives: 1 })
  })

  test('draws the precision-recall curve at IoU 0.5 with the score that reaches each recall', () => {
    const detections = [
      aDetection({ score: 0.8 }),
      aDetection({ score: 0.7, imageId: 'b' }),
      aDetection({ score: 0.6, box: elsewhere }),
    ]
    const groundTruth = [aTruth(), aTruth({ box: elsewhere }), aTruth({ imageId: 'b', box: elsewhere })]
    const curve = onlyLabel(evaluateCoco(aTask({ groundTruth, detections })))

    const [atThird, atTwoThirds, beyond] = [33, 66, 67]
    expect(curve.precisionAtRecall).toHaveLength(101)
    expect(curve.precisionAtRecall[atThird]).toBe(1)
    expect(curve.precisionAtRecall[atTwoThirds]).toBeCloseTo(2 / 3, 12)
    expect(curve.precisionAtRecall[beyond]).toBe(0)
    expect([atThird, atTwoThirds, beyond].map((point) => curve.scoreAtRecall[point])).toEqual([
      0.8,
      0.6,
      null,
    ])
    expect(curve.ap50).toBeCloseTo((34 + 33 * (2 / 3)) / 101, 12)
  })

  test.each([
    ['a score', { detections: [aDetection({ score: Number.NaN })] }, 'detections[0].score is NaN'],
    ['a box', { groundTruth: [aTruth({ box: { ...square, width: Infinity } })] }, 'groundTruth[0].box is '],
    ['an area', { groundTruth: [aTruth({ area: Number.NaN })] }, 'groundTruth[0].area is NaN'],
  ])('refuses %s that is no finite number, and names it', (_, change, message) => {
    expect(() => evaluateCoco(aTask(change))).toThrow(message)
    expect(() => evaluateCoco(aTask(change))).toThrow(BadEvaluationInput)
  })

  test('refuses a box on an image that is not listed, and names both', () => {
    const task = aTask({ detections: [aDetection(), aDetection({ imageId: 'c' })] })
    expect(() => evaluateCoco(task)).toThrow('detections[1] is on image "c", which is not in images')
  })
})

const images = ['a', 'b', 'c', 1, 2]
const labels = ['brick', 'plate', 'wheel']
const anyPlace = fc.record({
  imageId: fc.constantFrom(...images),
  label: fc.constantFrom(...labels),
  box: fc.record({
    x: fc.integer({ min: 0, max: 60 }),
    y: fc.integer({ min: 0, max: 60 }),
    width: fc.integer({ min: 1, max: 120 }),
    height: fc.integer({ min: 1, max: 120 }),
  }),
})
const anyTruth = fc.tuple(anyPlace, fc.boolean()).map(([place, isCrowd]) => ({ ...place, isCrowd }))
const anyFound = fc
  .tuple(anyPlace, fc.constantFrom(0.1, 0.5, 0.9, 0.95))
  .map(([place, score]) => ({ ...place, score }))
const anyTask = fc.record({
  images: fc.constant(images),
  labels: fc.constant(labels),
  groundTruth: fc.array(anyTruth, { maxLength: 40 }),
  detections: fc.array(anyFound, { maxLength: 60 }),
})

describe('whatever is evaluated', () => {
  test('ground truth found exactly scores 1 in every figure that exists', () => {
    fc.assert(
      fc.property(anyTask, ({ groundTruth }) => {
        const detections = groundTruth.map((truth) => ({ ...truth, score: 0.5 }))
        const { summary, perLabel } = evaluateCoco({ images, labels, groundTruth, detections })
        const { AR1: _, AR10: __, ...unlimited } = summary
        for (const value of Object.values(unlimited)) expect([1, null]).toContain(value)
        for (const label of perLabel) expect(label).toMatchObject({ falsePositives: 0, falseNegatives: 0 })
      }),
    )
  })

  test('the order of the images changes nothing, to the bit', () => {
    const anyOrder = fc.shuffledSubarray(images, { minLength: images.length })
    fc.assert(
      fc.property(anyTask, anyOrder, (task, order) => {
        const inOrder = <B extends { imageId: string | number }>(boxes: readonly B[]) =>
          order.flatMap((image) => boxes.filter(({ imageId }) => imageId === image))
        const reordered = {
          images: order,
          labels,
          groundTruth: inOrder(task.groundTruth),
          detections: inOrder(task.detections),
        }
        expect(evaluateCoco(reordered)).toEqual(evaluateCoco(task))
      }),
    )
  })

  test('only the order of the scores matters', () => {
    fc.assert(
      fc.property(anyTask, (task) => {
        const detections = task.detections.map((found) => ({ ...found, score: found.score ** 3 + 7 }))
        expect(evaluateCoco({ ...task, detections }).summary).toEqual(evaluateCoco(task).summary)
      }),
    )
  })

  test('every figure lies in 0..1, and what is looser is not lower', () => {
    fc.assert(
      fc.property(anyTask, (task) => {
        const { summary, perLabel } = evaluateCoco(task)
        for (const value of Object.values(summary)) expect(value ?? 0).toBeGreaterThanOrEqual(0)
        for (const value of Object.values(summary)) expect(value ?? 0).toBeLessThanOrEqual(1)
        expect(summary.AR100 ?? 0).toBeGreaterThanOrEqual(summary.AR10 ?? 0)
        expect(summary.AR10 ?? 0).toBeGreaterThanOrEqual(summary.AR1 ?? 0)
        for (const { truePositives, falseNegatives, groundTruthCount } of perLabel) {
          expect(truePositives + falseNegatives).toBe(groundTruthCount)
        }
      }),
    )
  })
})
