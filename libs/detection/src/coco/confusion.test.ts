import { describe, expect, test } from 'vitest'
import { background, confuse, type Confusion } from './confusion.ts'
import { evaluateCoco } from './evaluation.ts'
import { cocoFixture } from './fixtures/read-fixtures.ts'
import { confuseInWorker } from './in-worker.ts'

const box = (x: number) => ({ x, y: 0, width: 10, height: 10 })
const truth = (label: string, x: number, isCrowd = false) => ({ imageId: 'a', label, box: box(x), isCrowd })
const found = (label: string, x: number, score: number) => ({ imageId: 'a', label, box: box(x), score })

/** The rows as "object>detection", an empty name for background. */
function pairs({ labels, groundTruth, predicted, count }: Confusion): string[] {
  const name = (label: number) => (label === background ? '' : labels[label])
  return Array.from(
    { length: count },
    (_, row) => `${name(groundTruth[row]!)}>${name(predicted[row]!)}`,
  ).sort()
}

describe('a confusion', () => {
  const input = { images: ['a'], labels: ['cat', 'dog'] }

  test('has the found, the missed, the invented and the mistaken', () => {
    const confusion = confuse(
      {
        ...input,
        groundTruth: [truth('cat', 0), truth('cat', 100), truth('dog', 200)],
        detections: [found('cat', 1, 0.9), found('dog', 101, 0.8), found('dog', 400, 0.7)],
      },
      0.5,
    )
    expect(pairs(confusion)).toEqual(['>dog', 'cat>cat', 'cat>dog', 'dog>'])
  })

  test('gives an object to its own label first, also when another label is surer', () => {
    const both = { ...input, groundTruth: [truth('cat', 0)] }
    const confusion = confuse({ ...both, detections: [found('dog', 0, 0.9), found('cat', 2, 0.6)] }, 0.5)
    expect(pairs(confusion)).toEqual(['>dog', 'cat>cat'])
  })

  test('does not count what lies in a crowd of its label, nor what is below the threshold', () => {
    const crowd = { ...input, groundTruth: [truth('cat', 0, true)] }
    const confusion = confuse({ ...crowd, detections: [found('cat', 0, 0.9), found('dog', 50, 0.4)] }, 0.5)
    expect(pairs(confusion)).toEqual([])
  })

  test.each([0, 0.25, 0.5, 0.9])(
    'has the true and false positives and the misses of the COCO evaluation at threshold %d',
    (scoreThreshold) => {
      const { input: coco } = cocoFixture()
      const { perLabel } = evaluateCoco(coco, { scoreThreshold })
      const { labels, groundTruth, predicted, count } = confuse(coco, scoreThreshold)
      const counted = labels.map((label) => ({
        ...{ label, truePositives: 0, falsePositives: 0, falseNegatives: 0 },
      }))
      for (let row = 0; row < count; row++) {
        const [is, said] = [groundTruth[row]!, predicted[row]!]
        if (is === said) counted[is]!.truePositives++
        if (is !== said && is !== background) counted[is]!.falseNegatives++
        if (is !== said && said !== background) counted[said]!.falsePositives++
      }
      expect(counted).toEqual(
        perLabel.map(({ label, truePositives, falsePositives, falseNegatives }) => ({
          ...{ label, truePositives, falsePositives, falseNegatives },
        })),
      )
    },
  )

  test('is the same from a worker', { timeout: 60_000 }, async () => {
    const { input: coco } = cocoFixture()
    expect(await confuseInWorker(coco, 0.5)).toEqual(confuse(coco, 0.5))
  })
})
