/** A trained detector, loaded from its ONNX file. */
import { nonMaximumSuppression } from '@ymir/detection'
import * as ort from 'onnxruntime-node'
import { ExecutorFailure } from '../contract/failure.ts'
import { readModelMetadata } from '../graph/onnx-model.ts'
import type { View } from '../images/view.ts'
import { toOriginal, type Letterbox } from '../images/letterbox.ts'
import type { Size } from '../images/picture.ts'
import type { Detection } from '../objects.ts'

export interface DetectionLimits {
  /** weaker boxes are left out */
  readonly scoreThreshold: number
  /** of two boxes of one class that overlap more (IoU), the weaker is left out */
  readonly overlapThreshold: number
}

/** What the network makes of one image. */
export interface Look {
  /** strongest first */
  readonly detections: readonly Detection[]
  /** where the image lies among all images; models of earlier versions have none */
  readonly embedding?: Float32Array
  /** how likely an object has its centre in each cell; models of earlier versions have none */
  readonly heat?: HeatMap
}

/** Numbers of a grid over what the network looks at, row by row. */
export interface HeatMap {
  readonly columns: number
  readonly rows: number
  readonly values: Float32Array
}

export class Detector {
  private constructor(
    private readonly session: ort.InferenceSession,
    /** of the images that the network looks at */
    readonly input: Size,
    readonly classNames: readonly string[],
  ) {}

  /**
   * @param model an ONNX file written by this executor
   * @throws ExecutorFailure MISSING_MODEL when the bytes are something else
   */
  static async load(model: Uint8Array, threads: number): Promise<Detector> {
    const { input, classNames } = readDescription(model)
    const session = await ort.InferenceSession.create(model, {
      intraOpNumThreads: threads,
      logSeverityLevel: 3,
    })
    return new Detector(session, input, classNames)
  }

  /**
   * Finds objects in a batch of images.
   * @param view how the images are changed before; the boxes are as of the image itself
   * @returns for each image its boxes in pixels of the file
   */
  async look(images: readonly Letterbox[], limits: DetectionLimits, view?: View): Promise<Look[]> {
    const { width, height } = this.input
    const canvas = width * height * 3
    const pixels = new Uint8Array(images.length * canvas)
    images.forEach((image, index) => pixels.set(view ? view.show(image) : image.pixels, index * canvas))
    const input = new ort.Tensor('uint8', pixels, [images.length, height, width, 3])
    const results = readResults(await this.session.run({ images: input }))
    return images.map((image, index) => {
      const found = this.detectionsOf(image, index, results, limits.scoreThreshold, view)
      const { embeddings, dimensions } = results
      return {
        detections: nonMaximumSuppression(found, limits.overlapThreshold),
        ...(embeddings && { embedding: embeddings.slice(index * dimensions, (index + 1) * dimensions) }),
        ...(results.heat && { heat: heatOf(results.heat, index) }),
      }
    })
  }

  async release(): Promise<void> {
    await this.session.release()
  }

  private detectionsOf(
    image: Letterbox,
    index: number,
    results: Results,
    scoreThreshold: number,
    view: View | undefined,
  ): Detection[] {
    const { boxes, scores, classScores, labels, places } = results
    const classCount = this.classNames.length
    const found: Detection[] = []
    for (let place = index * places; place < (index + 1) * places; place++) {
      const score = scores[place] ?? 0
      if (score < scoreThreshold) continue
      const [xmin, ymin, xmax, ymax] = Array.from(boxes.subarray(place * 4, place * 4 + 4)) as BoxCorners
      const seen = { xmin, ymin, xmax, ymax }
      const box = toOriginal(view ? view.back(seen, image) : seen, image)
      const label = this.classNames[Number(labels[place])]
      if (box === undefined || label === undefined) continue
      const classScoresHere = Array.from(classScores.subarray(place * classCount, (place + 1) * classCount))
      found.push({ label, box, score, classScores: classScoresHere })
    }
    return found
  }
}

/** The boxes output has four numbers a place. */
type BoxCorners = [number, number, number, number]

interface Results {
  readonly boxes: Float32Array
  readonly scores: Float32Array
  readonly classScores: Float32Array
  readonly labels: BigInt64Array
  /** for each image */
  readonly places: number
  readonly embeddings?: Float32Array
  /** of each embedding; 0 without */
  readonly dimensions: number
  readonly heat?: ort.Tensor
}

function heatOf({ data, dims }: ort.Tensor, index: number): HeatMap {
  const [, rows = 0, columns = 0] = dims
  const values = (data as Float32Array).slice(index * rows * columns, (index + 1) * rows * columns) // as the graph declares
  return { columns, rows, values }
}

function readResults(outputs: ort.InferenceSession.OnnxValueMapType): Results {
  const output = (name: string): ort.Tensor => {
    const tensor = outputs[name]
    if (tensor === undefined)
      throw new ExecutorFailure('MISSING_MODEL', `the model file has no output ${name}`)
    return tensor
  }
  // element types are those that the inference graph declares
  return {
    boxes: output('boxes').data as Float32Array,
    scores: output('scores').data as Float32Array,
    classScores: output('class_scores').data as Float32Array,
    labels: output('labels').data as BigInt64Array,
    places: output('scores').dims[1] ?? 0,
    ...(outputs.embedding && { embeddings: outputs.embedding.data as Float32Array }),
    dimensions: outputs.embedding?.dims[1] ?? 0,
    ...(outputs.heat && { heat: outputs.heat }),
  }
}

function readDescription(model: Uint8Array): { input: Size; classNames: string[] } {
  try {
    const { width, height, class_names } = readModelMetadata(model)
    const classNames: unknown = JSON.parse(class_names ?? '')
    if (
      Array.isArray(classNames) &&
      classNames.every((name) => typeof name === 'string') &&
      Number(width) > 0
    )
      return { input: { width: Number(width), height: Number(height) }, classNames }
  } catch {
    // told below, together with metadata that reads but says too little
  }
  const message =
    'the model file is no ONNX detector of this executor (its metadata lack class_names, width, height)'
  throw new ExecutorFailure('MISSING_MODEL', `${message}; choose a stage that this image trained`)
}
