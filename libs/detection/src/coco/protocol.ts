/**
 * The fixed parameters of COCO's detection metrics (https://cocodataset.org/#detection-eval), with the floating
 * point values of pycocotools' `Params.setDetParams`: `np.linspace` multiplies by a step, and so do we, because
 * whether recall 29/100 reaches the point 0.29 depends on its last bit.
 */

/** IoU 0.50, 0.55 ... 0.95: how well a detection must overlap to count. */
export const iouThresholds: readonly number[] = linspace(0.5, 0.95, 10)

/** Positions in {@link iouThresholds} of the two that have figures of their own. */
export const at50 = 0
export const at75 = 5

/** Recall 0, 0.01 ... 1: where precision is read. */
export const recallPoints: readonly number[] = linspace(0, 1, 101)

/** Best-scored detections of a label that count in one image. */
export const maximumDetections = 100

export interface AreaRange {
  readonly name: 'all' | 'small' | 'medium' | 'large'
  /** square pixels, both ends included */
  readonly minimum: number
  readonly maximum: number
}

/** Object sizes; a box on a border counts in both ranges, as in pycocotools. */
export const areaRanges: readonly AreaRange[] = [
  { name: 'all', minimum: 0, maximum: 1e5 ** 2 },
  { name: 'small', minimum: 0, maximum: 32 ** 2 },
  { name: 'medium', minimum: 32 ** 2, maximum: 96 ** 2 },
  { name: 'large', minimum: 96 ** 2, maximum: 1e5 ** 2 },
]

function linspace(start: number, stop: number, count: number): number[] {
  const step = (stop - start) / (count - 1)
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? stop : i * step + start))
}
