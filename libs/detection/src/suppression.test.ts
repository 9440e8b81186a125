import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { iou } from './iou.ts'
import { nonMaximumSuppression } from './suppression.ts'

const side = fc.integer({ min: 1, max: 30 })
const anyDetection = fc.record({
  label: fc.constantFrom('brick', 'plate'),
  box: fc.record({ x: side, y: side, width: side, height: side }),
  score: fc.double({ min: 0, max: 1, noNaN: true }),
})
const anyDetections = fc.array(anyDetection, { maxLength: 40 })
const anyThreshold = fc.double({ min: 0, max: 1, noNaN: true })

function aDetection(score: number, change: { label?: string; x?: number } = {}) {
  return { label: change.label ?? 'brick', box: { x: change.x ?? 0, y: 0, width: 10, height: 10 }, score }
}

describe('non-maximum suppression', () => {
  test('keeps the best of a heap, and what lies apart, best first', () => {
    const [apart, weak, best] = [aDetection(0.3, { x: 50 }), aDetection(0.5, { x: 1 }), aDetection(0.9)]
    expect(nonMaximumSuppression([apart, weak, best], 0.5)).toEqual([best, apart])
  })

  test('keeps two labels on the same box', () => {
    const detections = [aDetection(0.9), aDetection(0.8, { label: 'plate' })]
    expect(nonMaximumSuppression(detections, 0.5)).toEqual(detections)
  })

  test('keeps an overlap that equals the threshold, and the earlier of two equal scores', () => {
    const [first, second] = [aDetection(0.9), aDetection(0.9, { x: 5 })] // IoU 1/3
    expect(nonMaximumSuppression([first, second], 1 / 3)).toEqual([first, second])
    expect(nonMaximumSuppression([first, second], 0.3)).toEqual([first])
  })

  test('leaves no pair of a label above the threshold, and drops only what a better one covers', () => {
    fc.assert(
      fc.property(anyDetections, anyThreshold, (detections, threshold) => {
        const kept = nonMaximumSuppression(detections, threshold)
        const rivals = (a: (typeof kept)[number], b: (typeof kept)[number]) =>
          a !== b && a.label === b.label && iou(a.box, b.box) > threshold
        expect(kept.some((a) => kept.some((b) => rivals(a, b)))).toBe(false)

        const dropped = detections.filter((detection) => !kept.includes(detection))
        const isCovered = (d: (typeof kept)[number]) => kept.some((k) => rivals(k, d) && k.score >= d.score)
        expect(dropped.every(isCovered)).toBe(true)
      }),
    )
  })

  test('done twice is the same as done once', () => {
    fc.assert(
      fc.property(anyDetections, anyThreshold, (detections, threshold) => {
        const kept = nonMaximumSuppression(detections, threshold)
        expect(nonMaximumSuppression(kept, threshold)).toEqual(kept)
      }),
    )
  })
})
