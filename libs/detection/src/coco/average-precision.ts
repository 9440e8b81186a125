import { recallPoints } from './protocol.ts'

/**
 * The rising points of a precision-recall curve, one for each true positive, best score first: between them recall
 * stands still and precision only falls, so nothing else of the curve matters to interpolated precision.
 */
export class RecallSteps {
  count = 0
  /** true positives so far, this one included */
  readonly truePositives: Float64Array
  /** true positives among the detections so far, 0..1 */
  readonly precision: Float64Array
  /** which detection it was */
  readonly detection: Int32Array

  constructor(capacity: number) {
    this.truePositives = new Float64Array(capacity)
    this.precision = new Float64Array(capacity)
    this.detection = new Int32Array(capacity)
  }

  add(truePositives: number, falsePositives: number, detection: number): void {
    this.truePositives[this.count] = truePositives
    this.precision[this.count] = truePositives / (truePositives + falsePositives)
    this.detection[this.count] = detection
    this.count++
  }
}

/**
 * Average precision: the mean, over recall 0, 0.01 ... 1, of the best precision at that recall or a higher one, 0
 * where the recall is not reached (COCO, Lin et al. 2014; pycocotools `accumulate`).
 * @param positives number of ground-truth boxes to be found, above 0
 * @param reading called with each recall point's precision, and the step that reaches it, -1 if none
 * @returns AP in 0..1
 */
export function averagePrecision(
  steps: RecallSteps,
  positives: number,
  reading?: (point: number, precision: number, step: number) => void,
): number {
  const { precision, truePositives, count } = steps
  for (let step = count - 2; step >= 0; step--) {
    if (precision[step + 1]! > precision[step]!) precision[step] = precision[step + 1]!
  }

  let sum = 0
  let step = 0
  for (let point = 0; point < recallPoints.length; point++) {
    while (step < count && truePositives[step]! / positives < recallPoints[point]!) step++
    const isReached = step < count
    const read = isReached ? precision[step]! : 0
    sum += read
    reading?.(point, read, isReached ? step : -1)
  }
  return sum / recallPoints.length
}
