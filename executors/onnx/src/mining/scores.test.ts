import { seededRandom } from '@ymir/detection'
import { describe, expect, it } from 'vitest'
import type { Detection } from '../objects.ts'
import { imageScore, type MiningAggregation, type MiningStrategy } from './scores.ts'

const boxes = (...classScores: number[][]): Detection[] =>
  classScores.map((scores) => ({
    label: 'a',
    box: { x: 0, y: 0, width: 1, height: 1 },
    score: Math.max(...scores),
    classScores: scores,
  }))

const score = (strategy: MiningStrategy, aggregation: MiningAggregation, detections: Detection[]) =>
  imageScore(detections, { strategy, aggregation, scoreWithoutDetections: 0.25 }, seededRandom(1))

describe('the doubt about a box, by hand', () => {
  it('entropy: greatest when all is alike, none when sure', () => {
    expect(score('entropy', 'max', boxes([1 / 3, 1 / 3]))).toBeCloseTo(1)
    expect(score('entropy', 'max', boxes([1, 0]))).toBe(0)
    // -(0.5 ln 0.5 + 0.2 ln 0.2 + 0.3 ln 0.3) / ln 3
    expect(score('entropy', 'max', boxes([0.5, 0.2]))).toBeCloseTo(0.9372, 4)
  })

  it('entropy with a single class is that of a coin', () => {
    expect(score('entropy', 'max', boxes([0.5]))).toBeCloseTo(1)
    expect(score('entropy', 'max', boxes([0.9]))).toBeCloseTo(0.469, 3)
  })

  it('least confidence: one minus the best class', () => {
    expect(score('least_confidence', 'max', boxes([0.7, 0.1]))).toBeCloseTo(0.3)
  })

  it('margin: one minus the lead of the first over the second, be it nothing', () => {
    expect(score('margin', 'max', boxes([0.5, 0.2]))).toBeCloseTo(1 - (0.5 - 0.3))
    expect(score('margin', 'max', boxes([0.6, 0.4]))).toBeCloseTo(1 - (0.6 - 0.4))
  })
})

describe('the score of an image', () => {
  const two = boxes([0.9], [0.6])

  it('is that of its most doubtful box, the mean, or the sum', () => {
    expect(score('least_confidence', 'max', two)).toBeCloseTo(0.4)
    expect(score('least_confidence', 'mean', two)).toBeCloseTo(0.25)
    expect(score('least_confidence', 'sum', two)).toBeCloseTo(0.5)
  })

  it('is the one agreed on when nothing is found', () => {
    for (const strategy of ['entropy', 'least_confidence', 'margin'] as const)
      for (const aggregation of ['max', 'mean', 'sum'] as const)
        expect(score(strategy, aggregation, [])).toBe(0.25)
  })

  it('by chance depends on the seed alone', () => {
    expect(score('random', 'max', two)).toBe(score('random', 'mean', []))
    expect(
      imageScore(two, { strategy: 'random', aggregation: 'max', scoreWithoutDetections: 0 }, seededRandom(2)),
    ).not.toBe(score('random', 'max', two))
  })
})
