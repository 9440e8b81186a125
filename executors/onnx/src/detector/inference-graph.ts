/**
 * The detector as an ordinary ONNX model, batch normalisation folded into the convolutions.
 *
 * Input `images`: uint8 [batch, height, width, 3], RGB, letterboxed by the caller.
 * Outputs, for the places of each image where an object's centre is likeliest, in that order (overlapping boxes not yet
 * suppressed):
 * `boxes` float [batch, places, 4] as x1, y1, x2, y2 in input pixels, `scores` float [batch, places],
 * `labels` int64 [batch, places], `class_scores` float
 * [batch, places, classes]: how likely an object is there, times each class's share; `scores` are the greatest of them;
 * `embedding` float [batch, channels]: the mean of the most abstract features over the image;
 * `heat` float [batch, rows, columns]: how likely an object has its centre in each cell of STRIDE x STRIDE input pixels.
 */
import { add, rectify, unary, where } from '../graph/arithmetic.ts'
import { VARIANCE_FLOOR } from '../graph/batch-norm.ts'
import { convolve } from '../graph/convolution.ts'
import { Graph, type Value } from '../graph/graph.ts'
import { elementTypeCode } from '../graph/onnx-model.ts'
import { upsample } from '../graph/shape.ts'
import { sideLengths } from './losses.ts'
import { network, STRIDE, type Blocks, type Heads } from './network.ts'
import { layoutOf, type DetectorWeights } from './weights.ts'

export interface InputSize {
  readonly width: number
  readonly height: number
}

/** Places looked at in each image. */
const MOST_PLACES = 100

/** Grey levels 0..255 become -1..1. */
export const LEVEL_SCALE = 127.5

export function inferenceGraph(weights: DetectorWeights, { width, height }: InputSize): Uint8Array {
  const { widths, classNames } = weights.specification
  const graph = new Graph()
  const images = graph.input('images', [1, height, width, 3], {
    type: 'uint8',
    portShape: ['batch', height, width, 3],
  })
  const heads = network(foldedBlocks(graph, weights), widths, classNames.length, normaliseLevels(images))
  const detections = decode(heads)
  const places = detections.scores.dimension(1)
  graph.output('boxes', detections.boxes, { portShape: ['batch', places, 4] })
  graph.output('scores', detections.scores, { portShape: ['batch', places] })
  graph.output('labels', detections.labels, { type: 'int64', portShape: ['batch', places] })
  graph.output('class_scores', detections.classScores, { portShape: ['batch', places, classNames.length] })
  const embedding = meanOverPlaces(heads.features)
  graph.output('embedding', embedding, { portShape: ['batch', embedding.dimension(1)] })
  const [rows, columns] = [heads.heat.dimension(2), heads.heat.dimension(3)]
  const heat = reshapeKeepingBatch(unary('Sigmoid', heads.heat), [rows, columns])
  graph.output('heat', heat, { portShape: ['batch', rows, columns] })
  return graph.encode({
    class_names: JSON.stringify(classNames),
    width: String(width),
    height: String(height),
  })
}

/** uint8 [batch, height, width, 3] to float [batch, 3, height, width]. */
function normaliseLevels(images: Value): Value {
  const { graph } = images
  const planar = [1, 3, images.dimension(1), images.dimension(2)]
  const swapped = graph.operator('Transpose', [images], planar, { attributes: { perm: [0, 3, 1, 2] } })
  const levels = graph.operator('Cast', [swapped], planar, { attributes: { to: elementTypeCode.float32 } })
  const scaled = graph.operator('Mul', [levels, graph.scalar(1 / LEVEL_SCALE)], planar)
  return graph.operator('Sub', [scaled, graph.scalar(1)], planar)
}

function foldedBlocks(
  graph: Graph,
  { specification, parameters, statistics }: DetectorWeights,
): Blocks<Value> {
  const layout = layoutOf(specification)
  const parameter = (name: string) => {
    const { from, to, shape } = layout.parameters.part(name)
    return { values: parameters.slice(from, to), shape }
  }
  const statistic = (name: string) => {
    const { from, to } = layout.statistics.part(name)
    return statistics.subarray(from, to)
  }
  return {
    block(name, input, channels, { stride = 1, residual = false } = {}) {
      const kernel = parameter(`${name}.weights`)
      const bias = parameter(`${name}.shift`).values
      const scale = parameter(`${name}.scale`).values
      const [mean, variance] = [statistic(`${name}.mean`), statistic(`${name}.variance`)]
      const rowLength = kernel.values.length / channels
      for (let channel = 0; channel < channels; channel++) {
        const factor = (scale[channel] ?? 1) / Math.sqrt((variance[channel] ?? 1) + VARIANCE_FLOOR)
        const row = kernel.values.subarray(channel * rowLength, (channel + 1) * rowLength)
        row.forEach((value, index) => (row[index] = value * factor))
        bias[channel] = (bias[channel] ?? 0) - (mean[channel] ?? 0) * factor
      }
      const folded = graph.constant(kernel.values, kernel.shape)
      const convolved = convolve(input, folded, { stride, bias: graph.constant(bias, [channels]) })
      return rectify(residual ? add(convolved, input) : convolved)
    },
    linear(name, input, channels) {
      const kernel = parameter(`${name}.weights`)
      const bias = graph.constant(parameter(`${name}.bias`).values, [channels])
      return convolve(input, graph.constant(kernel.values, kernel.shape), { bias })
    },
    add,
    upsample,
  }
}

interface DecodedValues {
  readonly boxes: Value
  readonly scores: Value
  readonly labels: Value
  readonly classScores: Value
}

/** Peaks of the heat map, what is there, and the boxes around them. */
function decode(heads: Heads<Value>): DecodedValues {
  const { graph } = heads.heat
  const [rows, columns] = [heads.heat.dimension(2), heads.heat.dimension(3)]
  const classCount = heads.classes.dimension(1)
  const cells = rows * columns
  const places = Math.min(MOST_PLACES, cells)
  const row = [1, 1, places]
  const onClasses = { attributes: { axis: 1, keepdims: 0 } }

  const { strength, cell } = strongestPeaks(heads.heat, places)
  const gather = (map: Value, count: number): Value => {
    const everyChannel = graph.operator('Expand', [cell, graph.integers([1, count, 1])], [1, count, places])
    const flat = reshapeKeepingBatch(map, [count, cells])
    const shape = [1, count, places]
    return graph.operator('GatherElements', [flat, everyChannel], shape, { attributes: { axis: 2 } })
  }
  const logits = gather(heads.classes, classCount)
  const shares = graph.operator('Softmax', [logits], logits.shape, { attributes: { axis: 1 } })
  const classScores = graph.operator('Mul', [shares, strength], logits.shape)
  const scores = graph.operator('ReduceMax', [classScores, graph.integers([1])], [1, places], {
    attributes: { keepdims: 0 },
  })
  const labels = graph.operator('ArgMax', [classScores], [1, places], onClasses)

  const centre = (position: Value): Value => {
    const whole = graph.operator('Cast', [position], row, { attributes: { to: elementTypeCode.float32 } })
    return graph.operator('Add', [whole, graph.scalar(0.5)], row)
  }
  const x = centre(graph.operator('Mod', [cell, graph.integers([columns])], row))
  const y = centre(graph.operator('Div', [cell, graph.integers([columns])], row))
  const centres = graph.operator('Concat', [x, y, x, y], [1, 4, places], { attributes: { axis: 1 } })
  const directions = graph.constant(Float32Array.of(-1, -1, 1, 1), [1, 4, 1])
  const offsets = graph.operator('Mul', [gather(sideLengths(heads.sides), 4), directions], [1, 4, places])
  const corners = graph.operator('Add', [centres, offsets], [1, 4, places])
  const pixels = graph.operator('Mul', [corners, graph.scalar(STRIDE)], [1, 4, places])
  return { boxes: swapLastAxes(pixels), scores, labels, classScores: swapLastAxes(classScores) }
}

/** [batch, channels, height, width] to [batch, channels]. */
function meanOverPlaces(features: Value): Value {
  const { graph } = features
  return graph.operator('ReduceMean', [features, graph.integers([2, 3])], [1, features.dimension(1)], {
    attributes: { keepdims: 0 },
  })
}

/** @returns both [batch, 1, places]: how strong each peak is, and its cell counted row by row */
function strongestPeaks(logits: Value, places: number): { strength: Value; cell: Value } {
  const { graph } = logits
  const heat = unary('Sigmoid', logits)
  const attributes = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [1, 1] }
  const strongest = graph.operator('MaxPool', [heat], heat.shape, { attributes })
  const isPeak = graph.operator('Equal', [heat, strongest], heat.shape)
  const cells = logits.dimension(2) * logits.dimension(3)
  const peaks = reshapeKeepingBatch(where(isPeak, heat, graph.scalar(0)), [1, cells])
  const row = [1, 1, places]
  const [strength, cell] = graph.operatorPair('TopK', [peaks, graph.integers([places])], [row, row])
  return { strength, cell }
}

/** The batch is free when the model runs: 0 in a Reshape stands for "as it was". */
function reshapeKeepingBatch(a: Value, rest: readonly number[]): Value {
  return a.graph.operator('Reshape', [a, a.graph.integers([0, ...rest])], [1, ...rest])
}

function swapLastAxes(a: Value): Value {
  const shape = [a.dimension(0), a.dimension(2), a.dimension(1)]
  return a.graph.operator('Transpose', [a], shape, { attributes: { perm: [0, 2, 1] } })
}
