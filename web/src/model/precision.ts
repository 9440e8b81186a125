import type { Point } from '../job/scalars.ts'

interface PrecisionCurve {
  readonly recallPoints: readonly number[]
  readonly precisionAtRecall: readonly number[]
}

/** The mean precision of some classes at each recall; its area is the mAP at IoU 0.5. */
export function meanPrecision(classes: readonly PrecisionCurve[]): Point[] {
  const [first] = classes
  if (!first) return []
  return first.recallPoints.map((x, index) => ({
    x,
    y: classes.reduce((sum, one) => sum + (one.precisionAtRecall[index] ?? 0), 0) / classes.length,
  }))
}

/** The mean height of a curve: of precision over recall, the average precision. */
export function meanOf(points: readonly Point[]): number | undefined {
  return points.length === 0 ? undefined : points.reduce((sum, { y }) => sum + y, 0) / points.length
}
