import type { Blobs } from '@ymir/blobs'
import { background, confuseInWorker, type BoxXywh, type Confusion } from '@ymir/detection'
import type { GraphClient } from '@ymir/graphql'
import { readDetections, readGroundTruth } from './test-set.ts'

/** What a confusion is made from; equal keys have equal confusions. */
export interface ConfusionKey {
  readonly versionId: string
  readonly predictionsSha256: string
  readonly classes: readonly string[]
  readonly scoreThreshold: number
}

/** A confusion with the images that its rows speak of. */
export interface ConfusionOfImages extends Confusion {
  /** SHA-256 by position. */
  readonly images: readonly string[]
}

/** How often objects of one label were taken for another; null is background. */
export interface ConfusionCell {
  readonly groundTruth: string | null
  readonly predicted: string | null
  readonly count: number
}

/** One object, one detection, or both, of an image. */
export interface ConfusedBoxes {
  readonly groundTruthBox: BoxXywh | null
  readonly predictedBox: BoxXywh | null
  readonly score: number | null
}

/** The boxes of one image in a cell. */
export interface ConfusedImage {
  readonly assetId: string
  readonly boxes: ConfusedBoxes[]
}

/** Whoever opens a matrix opens its cells next: the confusions that were asked for last are kept. */
const keptAtOnce = 4

/**
 * Confusions of evaluations, counted on a thread of its own. An evaluation keeps its predictions and its version never
 * changes, so they are made from these when somebody asks, at whatever threshold.
 */
export class Confusions {
  private readonly kept = new Map<string, Promise<ConfusionOfImages>>()

  constructor(private readonly blobs: Blobs) {}

  /** @throws DomainError NOT_FOUND when the version is gone */
  of(key: ConfusionKey, graph: GraphClient): Promise<ConfusionOfImages> {
    const name = JSON.stringify([key.versionId, key.predictionsSha256, key.scoreThreshold])
    const made = this.kept.get(name) ?? this.make(key, graph)
    this.kept.delete(name) // the last asked for is the last in the map
    this.kept.set(name, made)
    for (const oldest of this.kept.keys()) if (this.kept.size > keptAtOnce) this.kept.delete(oldest)
    made.catch(() => this.kept.delete(name))
    return made
  }

  private async make(
    { versionId, predictionsSha256, classes, scoreThreshold }: ConfusionKey,
    graph: GraphClient,
  ): Promise<ConfusionOfImages> {
    const truth = await readGroundTruth(graph, this.blobs, versionId)
    const detections = await readDetections(this.blobs, predictionsSha256)
    const confusion = await confuseInWorker({ labels: classes, detections, ...truth }, scoreThreshold)
    return { ...confusion, images: [...new Set(truth.images)].sort() } // sorted as the detection library does
  }
}

/** The cells that are not 0: objects by label, background last. */
export function cellsOf({ labels, count, groundTruth, predicted }: Confusion): ConfusionCell[] {
  const side = labels.length + 1
  const place = (label: number) => (label === background ? labels.length : label)
  const counts = new Map<number, number>()
  for (let row = 0; row < count; row++) {
    const cell = place(groundTruth[row]!) * side + place(predicted[row]!)
    counts.set(cell, (counts.get(cell) ?? 0) + 1)
  }
  return [...counts]
    .sort(([one], [other]) => one - other)
    .map(([cell, times]) => ({
      groundTruth: labels[Math.floor(cell / side)] ?? null,
      predicted: labels[cell % side] ?? null,
      count: times,
    }))
}

/** The images of a cell, by id, with the boxes that are in it; null is background. */
export function imagesOf(
  confusion: ConfusionOfImages,
  cell: Pick<ConfusionCell, 'groundTruth' | 'predicted'>,
): ConfusedImage[] {
  const { labels, count, image, groundTruth, predicted, images } = confusion
  const position = (label: string | null) => (label === null ? background : labels.indexOf(label))
  const [is, said] = [position(cell.groundTruth), position(cell.predicted)]
  const found = new Map<string, ConfusedBoxes[]>()
  for (let row = 0; row < count; row++) {
    if (groundTruth[row] !== is || predicted[row] !== said) continue
    const assetId = images[image[row]!]!
    const boxes = found.get(assetId) ?? []
    boxes.push(boxesOf(confusion, row))
    found.set(assetId, boxes)
  }
  return [...found].map(([assetId, boxes]) => ({ assetId, boxes }))
}

function boxesOf(confusion: Confusion, row: number): ConfusedBoxes {
  const isFound = confusion.predicted[row] !== background
  return {
    groundTruthBox: confusion.groundTruth[row] === background ? null : boxAt(confusion.groundTruthXywh, row),
    predictedBox: isFound ? boxAt(confusion.predictedXywh, row) : null,
    score: isFound ? confusion.score[row]! : null,
  }
}

function boxAt(xywh: Float64Array, row: number): BoxXywh {
  const at = row * 4
  return { x: xywh[at]!, y: xywh[at + 1]!, width: xywh[at + 2]!, height: xywh[at + 3]! }
}
