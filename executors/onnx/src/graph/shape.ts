/** Operators that move elements and compute nothing. */
import type { Shape, Value } from './graph.ts'

/** Without gradient. */
export function reshape(a: Value, shape: Shape): Value {
  return a.graph.operator('Reshape', [a, a.graph.integers(shape)], shape)
}

/** Channels `from` (inclusive) to `to` (exclusive) of a value [batch, channels, height, width]. */
export function channels(a: Value, from: number, to: number): Value {
  const { graph } = a
  const shape = a.shape.map((size, axis) => (axis === 1 ? to - from : size))
  const bounds = [[from], [to], [1]].map((list) => graph.integers(list))
  const part = graph.operator('Slice', [a, ...bounds], shape)
  return graph.differentiable(part, [a], (gradient) => {
    const pads = [0, from, 0, 0, 0, a.dimension(1) - to, 0, 0]
    return [graph.operator('Pad', [gradient, graph.integers(pads)], a.shape)]
  })
}

/** Elements `from` to `to` of a vector, in a shape of their own. */
export function cut(vector: Value, from: number, to: number, shape: Shape): Value {
  const { graph } = vector
  const bounds = [[from], [to], [0]].map((list) => graph.integers(list))
  return reshape(graph.operator('Slice', [vector, ...bounds], [to - from]), shape)
}

/** Joins vectors end to end. */
export function joinVectors(vectors: readonly Value[]): Value {
  const [first] = vectors
  if (first === undefined) throw new RangeError('no vectors to join')
  const length = vectors.reduce((sum, vector) => sum + vector.dimension(0), 0)
  return first.graph.operator('Concat', vectors, [length], { attributes: { axis: 0 } })
}

/** Doubles height and width by repeating pixels. */
export function upsample(a: Value): Value {
  const { graph } = a
  const [batch, channelCount, height, width] = [
    a.dimension(0),
    a.dimension(1),
    a.dimension(2),
    a.dimension(3),
  ]
  const result = graph.operator(
    'Resize',
    [a, null, graph.constant(Float32Array.of(1, 1, 2, 2), [4])],
    [batch, channelCount, 2 * height, 2 * width],
    { attributes: { mode: 'nearest', nearest_mode: 'floor', coordinate_transformation_mode: 'asymmetric' } },
  )
  return graph.differentiable(result, [a], (gradient) => {
    const attributes = { kernel_shape: [2, 2], strides: [2, 2] }
    const mean = graph.operator('AveragePool', [gradient], a.shape, { attributes })
    return [graph.operator('Mul', [mean, graph.scalar(4)], a.shape)]
  })
}
