import { intersection } from '../iou.ts'
import type { PackedInput } from './input.ts'
import type { AreaRange } from './protocol.ts'
import { areaRanges, iouThresholds, maximumDetections } from './protocol.ts'
import { rankBoxes } from './ranking.ts'

/** What became of one label's detections, best score first; only the best 100 of each image take part. */
export interface LabelMatches {
  readonly label: string
  readonly count: number
  readonly score: Float64Array
  /** position of the image among the sorted images */
  readonly image: Int32Array
  /** how many detections of the label are better in the same image: 0 for the best */
  readonly rankInImage: Uint8Array
  /** in the order of {@link areaRanges} */
  readonly byArea: readonly AreaMatches[]
  readonly groundTruth: {
    /** crowds excluded */
    readonly count: number
    /** the image of each, as often as it has boxes */
    readonly image: Int32Array
  }
  /** detections of the label, those beyond the best 100 of their image included */
  readonly detectionCount: number
}

/**
 * Outcomes for one range of object sizes. Bit t of a detection's entry speaks of the t-th IoU threshold:
 * a hit is a true positive; an ignored one counts neither way; with neither bit set it is a false positive.
 */
export interface AreaMatches {
  /** ground-truth boxes to be found: of this size, not crowds */
  readonly positives: number
  readonly hits: Uint16Array
  readonly ignored: Uint16Array
}

/** A bit for each of the IoU thresholds. */
const everyThreshold = (1 << iouThresholds.length) - 1

/**
 * Pairs detections with ground truth, label by label and image by image (pycocotools `evaluateImg`). Best score
 * first, a detection takes the free ground-truth box that it overlaps most, at or above the threshold; on equal
 * overlap the later one. Boxes that do not count (crowds, other sizes) are taken only when no other will do, and
 * whoever takes them is ignored; a crowd can be taken many times. A detection of another size that takes
 * nothing is ignored too.
 */
export function* matchLabels(input: PackedInput): Generator<LabelMatches> {
  const ranking = rankBoxes(input)
  const { groundTruth, detections } = input
  const slotOf = new Int32Array(detections.count) // where a detection stands in its label's best-first order

  for (const [index, label] of input.labels.entries()) {
    const truths = ranking.groundTruth.of(index)
    const found = ranking.detections.of(index)
    const bestFirst = ranking.bestFirst.of(index)
    for (let slot = 0; slot < bestFirst.length; slot++) slotOf[bestFirst[slot]!] = slot

    const counted = truths.filter((truth) => !groundTruth.isCrowd[truth])
    const byArea = areaRanges.map((range) => ({
      positives: counted.filter((truth) => isWithin(groundTruth.area[truth]!, range)).length,
      hits: new Uint16Array(bestFirst.length),
      ignored: ignoredBySize(bestFirst, detections, range),
    }))
    for (const image of imagesWithBoth(found, truths, input)) matchImage(image, input, slotOf, byArea)

    yield {
      label,
      count: bestFirst.length,
      score: new Float64Array(bestFirst.length).map((_, slot) => detections.score[bestFirst[slot]!]!),
      image: bestFirst.map((detection) => detections.image[detection]!),
      rankInImage: new Uint8Array(bestFirst.length).map((_, slot) => ranking.rankInImage[bestFirst[slot]!]!),
      byArea,
      groundTruth: { count: counted.length, image: counted.map((truth) => groundTruth.image[truth]!) },
      detectionCount: found.length,
    }
  }
}

/** Before any matching: a detection of another size is ignored at every threshold at which it takes nothing. */
function ignoredBySize(
  order: Int32Array,
  { xywh }: PackedInput['detections'],
  range: AreaRange,
): Uint16Array {
  const ignored = new Uint16Array(order.length)
  for (let slot = 0; slot < order.length; slot++) {
    const size = order[slot]! * 4 + 2
    if (!isWithin(xywh[size]! * xywh[size + 1]!, range)) ignored[slot] = everyThreshold
  }
  return ignored
}

/** One image's boxes of one label: indices into the input. */
interface ImageBoxes {
  readonly detections: Int32Array
  readonly truths: Int32Array
}

/** The images in which the label has detections and ground truth: both lists are sorted by image. */
function* imagesWithBoth(
  found: Int32Array,
  truths: Int32Array,
  { detections, groundTruth }: PackedInput,
): Generator<ImageBoxes> {
  let detection = 0
  for (let start = 0, end = 0; start < truths.length; start = end) {
    const image = groundTruth.image[truths[start]!]!
    while (end < truths.length && groundTruth.image[truths[end]!] === image) end++

    while (detection < found.length && detections.image[found[detection]!]! < image) detection++
    const first = detection
    while (detection < found.length && detections.image[found[detection]!] === image) detection++
    if (detection === first) continue

    yield {
      detections: found.subarray(first, Math.min(detection, first + maximumDetections)),
      truths: truths.subarray(start, end),
    }
  }
}

function matchImage(boxes: ImageBoxes, input: PackedInput, slotOf: Int32Array, byArea: AreaMatches[]): void {
  const overlaps = overlapsOf(boxes, input)
  if (overlaps.best.every((overlap) => overlap < iouThresholds[0]!)) return
  for (const [index, range] of areaRanges.entries()) {
    takeGroundTruth(boxes, overlaps, range, input.groundTruth, slotOf, byArea[index]!)
  }
}

/** IoU of every detection (rows) with every ground-truth box (columns), and each row's best. */
interface Overlaps {
  readonly byPair: Float64Array
  readonly best: Float64Array
}

function overlapsOf({ detections, truths }: ImageBoxes, input: PackedInput): Overlaps {
  const byPair = new Float64Array(detections.length * truths.length)
  const best = new Float64Array(detections.length)
  const { xywh: a } = input.detections
  const { xywh: b, isCrowd } = input.groundTruth
  for (let d = 0, pair = 0; d < detections.length; d++) {
    const i = detections[d]! * 4
    const detectionArea = a[i + 2]! * a[i + 3]!
    for (let t = 0; t < truths.length; t++, pair++) {
      const j = truths[t]! * 4
      const shared = intersection(
        a[i]!,
        a[i + 1]!,
        a[i + 2]!,
        a[i + 3]!,
        b[j]!,
        b[j + 1]!,
        b[j + 2]!,
        b[j + 3]!,
      )
      if (shared === 0) continue
      const whole = isCrowd[truths[t]!] ? detectionArea : detectionArea + b[j + 2]! * b[j + 3]! - shared
      byPair[pair] = shared / whole
      if (byPair[pair]! > best[d]!) best[d] = byPair[pair]!
    }
  }
  return { byPair, best }
}

function takeGroundTruth(
  { detections, truths }: ImageBoxes,
  { byPair, best }: Overlaps,
  range: AreaRange,
  { isCrowd, area }: PackedInput['groundTruth'],
  slotOf: Int32Array,
  { hits, ignored }: AreaMatches,
): void {
  const counts: boolean[] = []
  for (const truth of truths) counts.push(!isCrowd[truth] && isWithin(area[truth]!, range))
  const countedFirst: number[] = []
  for (let t = 0; t < truths.length; t++) if (counts[t]) countedFirst.push(t)
  for (let t = 0; t < truths.length; t++) if (!counts[t]) countedFirst.push(t)
  const takenAt = counts.map(() => 0) // a bit for each threshold at which the box is no longer free

  for (let d = 0; d < detections.length; d++) {
    const row = d * truths.length
    for (let index = 0; index < iouThresholds.length && best[d]! >= iouThresholds[index]!; index++) {
      const bit = 1 << index
      let match = -1
      let overlap = iouThresholds[index]!
      for (const t of countedFirst) {
        if (takenAt[t]! & bit) continue
        if (match >= 0 && counts[match] && !counts[t]) break
        if (byPair[row + t]! < overlap) continue
        overlap = byPair[row + t]!
        match = t
      }
      if (match < 0) continue
      if (!isCrowd[truths[match]!]) takenAt[match]! |= bit

      const slot = slotOf[detections[d]!]!
      if (counts[match]) {
        hits[slot]! |= bit
        ignored[slot]! &= ~bit
      } else {
        ignored[slot]! |= bit
      }
    }
  }
}

function isWithin(area: number, { minimum, maximum }: AreaRange): boolean {
  return area >= minimum && area <= maximum
}
