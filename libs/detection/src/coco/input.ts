import type { BoxXywh } from '../box.ts'

/** Whatever names an image: a hash, a file name, a number. A number and its text are different images. */
export type ImageId = string | number

export interface GroundTruthBox {
  readonly imageId: ImageId
  readonly label: string
  readonly box: BoxXywh
  /** a region with many objects that were not told apart: finding it, or part of it, is neither right nor wrong */
  readonly isCrowd?: boolean
  /** square pixels, where the object's own area is known (COCO's `area` of a mask); else the box's area */
  readonly area?: number
}

export interface Detection {
  readonly imageId: ImageId
  readonly label: string
  readonly box: BoxXywh
  /** confidence; only its order matters */
  readonly score: number
}

export interface EvaluationInput {
  /** the images to evaluate on, those without any box included */
  readonly images: readonly ImageId[]
  /** the labels to evaluate; boxes of other labels take no part */
  readonly labels: readonly string[]
  readonly groundTruth: readonly GroundTruthBox[]
  readonly detections: readonly Detection[]
}

/** A box of the input that cannot be evaluated; the message names it and the remedy. */
export class BadEvaluationInput extends Error {
  readonly code = 'BAD_EVALUATION_INPUT'
  override readonly name = 'BadEvaluationInput'
}

/** Boxes column by column: compact, quick to scan, and moved to a worker without copying. */
export interface PackedBoxes {
  readonly count: number
  /** position of the box's image among the sorted images, of its label among the labels */
  readonly image: Int32Array<ArrayBuffer>
  readonly label: Int32Array<ArrayBuffer>
  /** x, y, width, height of box after box, in pixels */
  readonly xywh: Float64Array<ArrayBuffer>
}

/** {@link EvaluationInput} as columns: what the evaluation works on. */
export interface PackedInput {
  readonly imageCount: number
  readonly labels: readonly string[]
  readonly groundTruth: PackedBoxes & {
    readonly area: Float64Array<ArrayBuffer>
    readonly isCrowd: Uint8Array<ArrayBuffer>
  }
  readonly detections: PackedBoxes & { readonly score: Float64Array<ArrayBuffer> }
}

/** @throws BadEvaluationInput for a number that is not finite, or a box on an image that is not listed */
export function packInput(input: EvaluationInput): PackedInput {
  const steps = packing(input)
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

/** As {@link packInput}, leaving the event loop free between slices of about a millisecond. */
export async function packInputInSlices(input: EvaluationInput): Promise<PackedInput> {
  const steps = packing(input)
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const boxesPerSlice = 4096

function* packing(input: EvaluationInput): Generator<void, PackedInput> {
  const images = yield* sortedPositions(input.images)
  const labels = [...new Set(input.labels)]
  const position = { image: images, label: new Map(labels.map((label, index) => [label, index])) }

  const groundTruth = allocate(input.groundTruth.length)
  const area = new Float64Array(input.groundTruth.length)
  const isCrowd = new Uint8Array(input.groundTruth.length)
  let truths = 0
  for (let index = 0; index < input.groundTruth.length; index++) {
    const truth = input.groundTruth[index]!
    if (index % boxesPerSlice === boxesPerSlice - 1) yield
    if (!place(truth, truths, groundTruth, position, () => `groundTruth[${index}]`)) continue
    area[truths] = truth.area ?? truth.box.width * truth.box.height
    if (!Number.isFinite(area[truths])) throw notFinite(`groundTruth[${index}].area`, area[truths])
    isCrowd[truths] = truth.isCrowd ? 1 : 0
    truths++
  }

  const detections = allocate(input.detections.length)
  const score = new Float64Array(input.detections.length)
  let found = 0
  for (let index = 0; index < input.detections.length; index++) {
    const detection = input.detections[index]!
    if (index % boxesPerSlice === boxesPerSlice - 1) yield
    if (!place(detection, found, detections, position, () => `detections[${index}]`)) continue
    score[found] = detection.score
    if (!Number.isFinite(detection.score)) throw notFinite(`detections[${index}].score`, detection.score)
    found++
  }

  return {
    imageCount: images.size,
    labels,
    groundTruth: { ...groundTruth, count: truths, area, isCrowd },
    detections: { ...detections, count: found, score },
  }
}

/**
 * Images in ascending order, as pycocotools has them: equal scores on different images are ranked in this order,
 * so the order of `images` changes nothing.
 */
function* sortedPositions(images: readonly ImageId[]): Generator<void, Map<ImageId, number>> {
  const distinct = new Set(images)
  yield
  const numbers = [...distinct].filter((id) => typeof id === 'number').sort((a, b) => a - b)
  yield
  const texts = [...distinct].filter((id) => typeof id === 'string').sort()
  yield
  return new Map([...numbers, ...texts].map((id, index) => [id, index]))
}

function allocate(count: number): PackedBoxes {
  return {
    count,
    image: new Int32Array(count),
    label: new Int32Array(count),
    xywh: new Float64Array(count * 4),
  }
}

/** @returns false when the box's label is not evaluated, and nothing was written */
function place(
  source: GroundTruthBox | Detection,
  slot: number,
  boxes: PackedBoxes,
  position: { image: Map<ImageId, number>; label: Map<string, number> },
  name: () => string,
): boolean {
  const label = position.label.get(source.label)
  if (label === undefined) return false
  const image = position.image.get(source.imageId)
  if (image === undefined) {
    throw new BadEvaluationInput(
      `${name()} is on image ${JSON.stringify(source.imageId)}, which is not in images: list the image or leave the box out`,
    )
  }
  const { x, y, width, height } = source.box
  if (!Number.isFinite(x + y + width + height)) throw notFinite(`${name()}.box`, JSON.stringify(source.box))
  boxes.image[slot] = image
  boxes.label[slot] = label
  boxes.xywh[slot * 4] = x
  boxes.xywh[slot * 4 + 1] = y
  boxes.xywh[slot * 4 + 2] = width
  boxes.xywh[slot * 4 + 3] = height
  return true
}

function notFinite(place: string, found: unknown): BadEvaluationInput {
  return new BadEvaluationInput(
    `${place} is ${String(found)}, not a finite number: correct it or leave it out`,
  )
}
