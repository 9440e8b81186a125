import type { PackedInput } from './input.ts'
import { maximumDetections } from './protocol.ts'

/**
 * The orders in which the evaluation visits the boxes. All are stable: what compares equal keeps its input order,
 * as with numpy's mergesort in pycocotools.
 */
export interface Ranking {
  /** ground truth of a label, by image */
  readonly groundTruth: Groups
  /** detections of a label, by image, then score, best first */
  readonly detections: Groups
  /** the same detections by score only, less those beyond the best 100 of their image */
  readonly bestFirst: Groups
  /** per detection: how many of its label and image are better; at most {@link maximumDetections} */
  readonly rankInImage: Uint8Array
}

/** Items in an order in which those of one key stand together. */
export class Groups {
  constructor(
    readonly order: Int32Array,
    /** where each key's items begin, and a last entry for the end */
    private readonly start: Int32Array,
  ) {}

  of(key: number): Int32Array {
    return this.order.subarray(this.start[key], this.start[key + 1])
  }
}

export function rankBoxes({ groundTruth, detections, imageCount, labels }: PackedInput): Ranking {
  const truths = groupByKey(inInputOrder(groundTruth.count), groundTruth.image, imageCount)

  // equal scores are ranked by image, then by input order: hence by image first
  const byImage = groupByKey(inInputOrder(detections.count), detections.image, imageCount)
  const byScore = sortDescending(byImage.order, detections.score)
  const byImageAndScore = groupByKey(byScore, detections.image, imageCount)
  const byLabelImageAndScore = groupByKey(byImageAndScore.order, detections.label, labels.length)

  const rankInImage = rankWithinGroups(byLabelImageAndScore.order, detections)
  const taking = byScore.filter((detection) => rankInImage[detection]! < maximumDetections)

  return {
    groundTruth: groupByKey(truths.order, groundTruth.label, labels.length),
    detections: byLabelImageAndScore,
    bestFirst: groupByKey(taking, detections.label, labels.length),
    rankInImage,
  }
}

export function inInputOrder(count: number): Int32Array {
  return new Int32Array(count).map((_, index) => index)
}

/** Counting sort of `order` by a small integer key. */
export function groupByKey(order: Int32Array, key: Int32Array, keyCount: number): Groups {
  const start = new Int32Array(keyCount + 1)
  for (let i = 0; i < order.length; i++) start[key[order[i]!]! + 1]!++
  for (let k = 0; k < keyCount; k++) start[k + 1]! += start[k]!

  const next = start.slice()
  const grouped = new Int32Array(order.length)
  for (let i = 0; i < order.length; i++) grouped[next[key[order[i]!]!]!++] = order[i]!
  return new Groups(grouped, start)
}

/** Merge sort, highest value first; a typed array's own sort with a comparator takes several times as long. */
function sortDescending(order: Int32Array, value: Float64Array): Int32Array {
  let from = order.slice()
  let to = new Int32Array(order.length)
  for (let width = 1; width < order.length; width *= 2) {
    for (let left = 0; left < order.length; left += 2 * width) mergeRuns(from, to, left, width, value)
    ;[from, to] = [to, from]
  }
  return from
}

function mergeRuns(
  from: Int32Array,
  to: Int32Array,
  start: number,
  width: number,
  value: Float64Array,
): void {
  const middle = Math.min(start + width, from.length)
  const end = Math.min(start + 2 * width, from.length)
  let left = start
  let right = middle
  for (let out = start; out < end; out++) {
    const takeLeft = left < middle && (right >= end || value[from[left]!]! >= value[from[right]!]!)
    to[out] = takeLeft ? from[left++]! : from[right++]!
  }
}

function rankWithinGroups(order: Int32Array, { label, image }: PackedInput['detections']): Uint8Array {
  const rank = new Uint8Array(order.length)
  for (let at = 1; at < order.length; at++) {
    const [previous, current] = [order[at - 1]!, order[at]!]
    const sameGroup = label[previous] === label[current] && image[previous] === image[current]
    rank[current] = sameGroup ? Math.min(rank[previous]! + 1, maximumDetections) : 0
  }
  return rank
}
