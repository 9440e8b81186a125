/** Convolution of [batch, channels, height, width] by square, odd kernels with "same" padding. */
import type { Graph, Value } from './graph.ts'
import { reshape } from './shape.ts'

interface Geometry {
  readonly batch: number
  readonly inputChannels: number
  readonly outputChannels: number
  readonly kernel: number
  readonly stride: number
  readonly padding: number
  readonly outputHeight: number
  readonly outputWidth: number
}

interface ConvolutionOptions {
  readonly stride?: 1 | 2
  /** one number for each output channel */
  readonly bias?: Value
}

/**
 * @param input [batch, input channels, height, width]
 * @param weights [output channels, input channels, kernel, kernel]
 * @returns [batch, output channels, height / stride, width / stride], rounded up
 */
export function convolve(input: Value, weights: Value, { stride = 1, bias }: ConvolutionOptions = {}): Value {
  const { graph } = input
  const geometry = geometryOf(input, weights, stride)
  const operands = bias ? [input, weights, bias] : [input, weights]
  const { batch, outputChannels, outputHeight, outputWidth } = geometry
  const shape = [batch, outputChannels, outputHeight, outputWidth]
  const output = graph.operator('Conv', operands, shape, { attributes: attributesOf(geometry) })
  return graph.differentiable(output, operands, (gradient) => [
    input.learns ? inputGradient(geometry, input, weights, gradient) : undefined,
    weightGradient(geometry, input, weights, gradient),
    bias ? biasGradient(gradient) : undefined,
  ])
}

function geometryOf(input: Value, weights: Value, stride: 1 | 2): Geometry {
  const kernel = weights.dimension(2)
  if (kernel % 2 === 0) throw new RangeError(`a kernel of even size ${kernel} has no centre`)
  return {
    batch: input.dimension(0),
    inputChannels: input.dimension(1),
    outputChannels: weights.dimension(0),
    kernel,
    stride,
    padding: (kernel - 1) / 2,
    outputHeight: Math.ceil(input.dimension(2) / stride),
    outputWidth: Math.ceil(input.dimension(3) / stride),
  }
}

function attributesOf({ kernel, stride, padding }: Geometry) {
  return {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
  }
}

/** With stride 1 a convolution by the turned kernel, which runs faster than ConvTranspose. */
function inputGradient(geometry: Geometry, input: Value, weights: Value, gradient: Value): Value {
  const { graph } = input
  const { kernel, stride, padding, inputChannels, outputChannels, outputHeight, outputWidth } = geometry
  if (stride === 1) {
    const shape = [inputChannels, outputChannels, kernel, kernel]
    const swapped = graph.operator('Transpose', [weights], shape, { attributes: { perm: [1, 0, 2, 3] } })
    const turned = kernel === 1 ? swapped : turnKernel(graph, swapped)
    return graph.operator('Conv', [gradient, turned], input.shape, { attributes: attributesOf(geometry) })
  }
  const reach = (outputs: number) => (outputs - 1) * stride + kernel - 2 * padding
  const output_padding = [input.dimension(2) - reach(outputHeight), input.dimension(3) - reach(outputWidth)]
  const attributes = { ...attributesOf(geometry), output_padding }
  return graph.operator('ConvTranspose', [gradient, weights], input.shape, { attributes })
}

/** Turns a kernel by 180 degrees: both spatial axes reversed. */
function turnKernel(graph: Graph, weights: Value): Value {
  const backwards = [
    [-1, -1],
    [-1000, -1000],
    [2, 3],
    [-1, -1],
  ].map((list) => graph.integers(list))
  return graph.operator('Slice', [weights, ...backwards], weights.shape)
}

/**
 * ONNX has no operator for it. The patches that each output saw are laid out as columns (a depthwise convolution by
 * one-hot kernels does that), then multiplied with the gradient, image by image, and summed over the batch.
 */
function weightGradient(geometry: Geometry, input: Value, weights: Value, gradient: Value): Value {
  const { graph } = input
  const { batch, inputChannels, outputChannels, kernel, outputHeight, outputWidth } = geometry
  const positions = outputHeight * outputWidth
  const patchSize = inputChannels * kernel * kernel
  const columns = reshape(patches(geometry, input), [batch, patchSize, positions])
  const rows = reshape(gradient, [batch, outputChannels, positions])
  const products = graph.operator('FusedMatMul', [rows, columns], [batch, outputChannels, patchSize], {
    domain: 'com.microsoft',
    attributes: { transB: 1 },
  })
  const sum = graph.operator('ReduceSum', [products, graph.integers([0])], [outputChannels, patchSize], {
    attributes: { keepdims: 0 },
  })
  return reshape(sum, weights.shape)
}

function patches(geometry: Geometry, input: Value): Value {
  const { graph } = input
  const { batch, inputChannels, kernel, stride, outputHeight, outputWidth } = geometry
  if (kernel === 1 && stride === 1) return input
  const taps = kernel * kernel
  const oneHot = new Float32Array(inputChannels * taps * taps)
  for (let channel = 0; channel < inputChannels; channel++)
    for (let tap = 0; tap < taps; tap++) oneHot[(channel * taps + tap) * taps + tap] = 1
  return graph.operator(
    'Conv',
    [input, graph.constant(oneHot, [inputChannels * taps, 1, kernel, kernel])],
    [batch, inputChannels * taps, outputHeight, outputWidth],
    { attributes: { ...attributesOf(geometry), group: inputChannels } },
  )
}

function biasGradient(gradient: Value): Value {
  const { graph } = gradient
  const shape = [gradient.dimension(1)]
  return graph.operator('ReduceSum', [gradient, graph.integers([0, 2, 3])], shape, {
    attributes: { keepdims: 0 },
  })
}
