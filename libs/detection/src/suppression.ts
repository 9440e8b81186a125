import type { BoxXywh } from './box.ts'
import { iou } from './iou.ts'

/** What suppression needs to know of a detection; anything more is carried along untouched. */
export interface Suppressible {
  readonly label: string
  readonly box: BoxXywh
  /** confidence; only its order matters */
  readonly score: number
}

/**
 * Greedy non-maximum suppression within each label (torchvision's `batched_nms`): from the highest score down,
 * a detection is dropped when it overlaps an already kept one of its label by more than the threshold.
 * Labels never suppress each other.
 * @param detections of one image; on equal scores the earlier wins
 * @param iouThreshold 0..1; an overlap equal to it is kept
 * @returns the kept ones, highest score first
 */
export function nonMaximumSuppression<D extends Suppressible>(
  detections: readonly D[],
  iouThreshold: number,
): D[] {
  const kept: D[] = []
  const keptOfLabel = new Map<string, D[]>()
  for (const candidate of [...detections].sort((a, b) => b.score - a.score)) {
    const rivals = keptOfLabel.get(candidate.label) ?? []
    if (rivals.some((rival) => iou(rival.box, candidate.box) > iouThreshold)) continue
    rivals.push(candidate)
    keptOfLabel.set(candidate.label, rivals)
    kept.push(candidate)
  }
  return kept
}
