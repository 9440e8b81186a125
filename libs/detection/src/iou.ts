import type { BoxXywh } from './box.ts'

/**
 * Intersection over union (Jaccard index) of two boxes.
 * @returns 0 (apart or degenerate) to 1 (equal)
 */
export function iou(a: BoxXywh, b: BoxXywh): number {
  const shared = intersection(a.x, a.y, a.width, a.height, b.x, b.y, b.width, b.height)
  return ratio(shared, a.width * a.height + b.width * b.height - shared)
}

/**
 * Overlap of a detection with a crowd region, as COCO has it: intersection over the detection's own area,
 * because any part of a crowd may be the one object that was found (pycocotools `bbIou` with `iscrowd`).
 * @returns 0 (apart or degenerate) to 1 (the detection lies in the crowd)
 */
export function iouWithCrowd(detection: BoxXywh, crowd: BoxXywh): number {
  const { x, y, width, height } = detection
  const shared = intersection(x, y, width, height, crowd.x, crowd.y, crowd.width, crowd.height)
  return ratio(shared, width * height)
}

// x + width - x is not always width, so a box can overlap itself by a hair more than its area.
function ratio(shared: number, whole: number): number {
  return shared > 0 && whole > 0 ? Math.min(1, shared / whole) : 0
}

/**
 * Area that two boxes share, in square pixels; numbers instead of boxes, and the order of operations of
 * pycocotools (`bbIou` in maskApi.c), so that the evaluator can use it on flat arrays and get the same bits.
 */
export function intersection(
  ax: number,
  ay: number,
  aWidth: number,
  aHeight: number,
  bx: number,
  by: number,
  bWidth: number,
  bHeight: number,
): number {
  const width = Math.min(aWidth + ax, bWidth + bx) - Math.max(ax, bx)
  if (width <= 0) return 0
  const height = Math.min(aHeight + ay, bHeight + by) - Math.max(ay, by)
  return height <= 0 ? 0 : width * height
}
