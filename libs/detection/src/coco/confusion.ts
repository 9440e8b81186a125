import { intersection } from '../iou.ts'
import type { EvaluationInput, PackedInput } from './input.ts'
import { packInput } from './input.ts'
import { iouThresholds, maximumDetections } from './protocol.ts'
import { groupByKey, inInputOrder, rankBoxes } from './ranking.ts'

/** Stands for "no object": a detection of nothing, or an object that was not detected. */
export const background = -1

/**
 * What became of every object and every detection, one row each, by image: an object with the detection that took it,
 * an object without one, or a detection without an object. Columns, so that a thread can hand them over.
 */
export interface Confusion {
  readonly labels: readonly string[]
  readonly count: number
  /** position of the image among the sorted images */
  readonly image: Int32Array<ArrayBuffer>
  /** position of the label among the labels, or {@link background} */
  readonly groundTruth: Int32Array<ArrayBuffer>
  readonly predicted: Int32Array<ArrayBuffer>
  /** x, y, width, height of the object; zeros where there is none */
  readonly groundTruthXywh: Float64Array<ArrayBuffer>
  readonly predictedXywh: Float64Array<ArrayBuffer>
  /** of the detection; 0 where there is none */
  readonly score: Float64Array<ArrayBuffer>
}

/** {@link confusionOfPacked} for boxes as they come. @throws BadEvaluationInput as `evaluateCoco` */
export function confuse(input: EvaluationInput, scoreThreshold: number): Confusion {
  return confusionOfPacked(packInput(input), scoreThreshold)
}

/**
 * Pairs objects with detections at IoU 0.5. First as COCO's evaluation does: within a label, best score first, each
 * detection takes the free object that it overlaps most, or is ignored for a crowd; so what lies on the diagonal are
 * the true positives of `evaluateCoco` at that threshold. Then each detection that is left takes, best score first,
 * the free object of another label that it overlaps most: TIDE's classification errors (Bolya et al. 2020). What is
 * left after that is background. Crowds are no objects here.
 * @param scoreThreshold 0..1; detections below take no part
 */
export function confusionOfPacked(input: PackedInput, scoreThreshold: number): Confusion {
  const rows = new Rows(input)
  for (const boxes of images(input, scoreThreshold)) confuseImage(boxes, input, rows)
  return rows.asConfusion()
}

/** One image's boxes: positions in the input, detections best score first. */
interface ImageBoxes {
  readonly image: number
  readonly truths: Int32Array
  readonly detections: Int32Array
}

function* images(input: PackedInput, scoreThreshold: number): Generator<ImageBoxes> {
  const { groundTruth, detections, imageCount } = input
  const { bestFirst, rankInImage } = rankBoxes(input)
  const counts = (found: number) =>
    detections.score[found]! >= scoreThreshold && rankInImage[found]! < maximumDetections
  // the order within a label is all that the first pairing needs, and that across labels follows from the scores
  const counted = bestFirst.order.filter(counts).sort((a, b) => detections.score[b]! - detections.score[a]!)
  const found = groupByKey(counted, detections.image, imageCount)
  const truths = groupByKey(inInputOrder(groundTruth.count), groundTruth.image, imageCount)
  for (let image = 0; image < imageCount; image++)
    yield { image, truths: truths.of(image), detections: found.of(image) }
}

function confuseImage({ image, truths, detections }: ImageBoxes, input: PackedInput, rows: Rows): void {
  const { groundTruth, detections: found } = input
  const takenBy = new Int32Array(truths.length).fill(background)
  const left: number[] = []
  const sameLabel = (detection: number, truth: number) => groundTruth.label[truth] === found.label[detection]
  const otherLabel = (detection: number, truth: number) => !sameLabel(detection, truth)

  const take = (detection: number, fits: (detection: number, truth: number) => boolean): boolean => {
    let best = -1
    let overlap = iouThresholds[0]!
    for (const [index, truth] of truths.entries()) {
      if (groundTruth.isCrowd[truth] || takenBy[index] !== background || !fits(detection, truth)) continue
      const shared = overlapOf(input, detection, truth)
      if (shared < overlap) continue // on equal overlap the later one, as in pycocotools
      overlap = shared
      best = index
    }
    if (best >= 0) takenBy[best] = detection
    return best >= 0
  }
  const liesInCrowd = (detection: number) =>
    truths.some(
      (truth) =>
        groundTruth.isCrowd[truth] &&
        sameLabel(detection, truth) &&
        overlapOf(input, detection, truth) >= iouThresholds[0]!,
    )

  for (const detection of detections)
    if (!take(detection, sameLabel) && !liesInCrowd(detection)) left.push(detection)
  for (const detection of left) if (!take(detection, otherLabel)) rows.add(image, background, detection)
  for (const [index, truth] of truths.entries())
    if (!groundTruth.isCrowd[truth]) rows.add(image, truth, takenBy[index]!)
}

/** IoU; with a crowd the share of the detection that lies in it. */
function overlapOf({ groundTruth, detections }: PackedInput, detection: number, truth: number): number {
  const [a, i, b, j] = [detections.xywh, detection * 4, groundTruth.xywh, truth * 4]
  const shared = intersection(
    ...([a[i]!, a[i + 1]!, a[i + 2]!, a[i + 3]!] as const),
    ...([b[j]!, b[j + 1]!, b[j + 2]!, b[j + 3]!] as const),
  )
  if (shared === 0) return 0
  const own = a[i + 2]! * a[i + 3]!
  return shared / (groundTruth.isCrowd[truth] ? own : own + b[j + 2]! * b[j + 3]! - shared)
}

/** Columns that are filled row by row. */
class Rows {
  private count = 0
  private readonly image: Int32Array<ArrayBuffer>
  private readonly truth: Int32Array<ArrayBuffer>
  private readonly detection: Int32Array<ArrayBuffer>

  constructor(private readonly input: PackedInput) {
    const most = input.groundTruth.count + input.detections.count
    this.image = new Int32Array(most)
    this.truth = new Int32Array(most)
    this.detection = new Int32Array(most)
  }

  add(image: number, truth: number, detection: number): void {
    this.image[this.count] = image
    this.truth[this.count] = truth
    this.detection[this.count] = detection
    this.count++
  }

  asConfusion(): Confusion {
    const { count, input } = this
    const { groundTruth, detections } = input
    const labelOf = (box: number, label: Int32Array) => (box === background ? background : label[box]!)
    const xywh = (boxes: Int32Array, all: Float64Array) => {
      const taken = new Float64Array(count * 4)
      for (let row = 0; row < count; row++) {
        const box = boxes[row]!
        if (box !== background) taken.set(all.subarray(box * 4, box * 4 + 4), row * 4)
      }
      return taken
    }
    return {
      labels: input.labels,
      count,
      image: this.image.slice(0, count),
      groundTruth: this.truth.slice(0, count).map((box) => labelOf(box, groundTruth.label)),
      predicted: this.detection.slice(0, count).map((box) => labelOf(box, detections.label)),
      groundTruthXywh: xywh(this.truth, groundTruth.xywh),
      predictedXywh: xywh(this.detection, detections.xywh),
      score: new Float64Array(count).map((_, row) => {
        const box = this.detection[row]!
        return box === background ? 0 : detections.score[box]!
      }),
    }
  }
}
