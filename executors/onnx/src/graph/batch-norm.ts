/** Batch normalisation with the statistics of the batch (Ioffe and Szegedy, 2015). */
import type { Value } from './graph.ts'
import { reshape } from './shape.ts'

/** Added to the variance; training and inference must use the same. */
export const VARIANCE_FLOOR = 1e-5

export interface Normalised {
  readonly output: Value
  /** of each channel over the batch; their running averages replace them when the model is used */
  readonly mean: Value
  readonly variance: Value
}

/**
 * @param input [batch, channels, height, width]
 * @param scale gamma, one number a channel
 * @param shift beta, one number a channel
 */
export function batchNormalise(input: Value, scale: Value, shift: Value): Normalised {
  const { graph } = input
  const [batch, channelCount, height, width] = [0, 1, 2, 3].map((axis) => input.dimension(axis)) as [
    number,
    number,
    number,
    number, // four axes were asked for
  ]
  const count = batch * height * width
  const perChannel = [channelCount]
  const axes = graph.integers([0, 2, 3])
  const reduce = (operator: 'ReduceMean' | 'ReduceSum' | 'ReduceSumSquare', a: Value) =>
    graph.operator(operator, [a, axes], perChannel, { attributes: { keepdims: 0 } })
  const channelwise = (operator: 'Add' | 'Sub' | 'Mul' | 'Max', a: Value, b: Value) =>
    graph.operator(operator, [a, b], perChannel)

  const mean = reduce('ReduceMean', input)
  const meanSquare = channelwise('Mul', reduce('ReduceSumSquare', input), graph.scalar(1 / count))
  const difference = channelwise('Sub', meanSquare, channelwise('Mul', mean, mean))
  const variance = channelwise('Max', difference, graph.scalar(0)) // rounding can make it negative
  const deviation = graph.operator(
    'Sqrt',
    [channelwise('Add', variance, graph.scalar(VARIANCE_FLOOR))],
    perChannel,
  )
  const inverse = graph.operator('Reciprocal', [deviation], perChannel)

  // onnxruntime's BatchNormalization with mean 0 and variance 1 is its fastest "multiply and add, channel by channel"
  const zeros = graph.constant(new Float32Array(channelCount), perChannel)
  const ones = graph.constant(new Float32Array(channelCount).fill(1), perChannel)
  const affine = (a: Value, factor: Value, offset: Value) =>
    graph.operator('BatchNormalization', [a, factor, offset, zeros, ones], a.shape, {
      attributes: { epsilon: { float: 0 } },
    })

  const factor = channelwise('Mul', scale, inverse)
  const offset = channelwise('Sub', shift, channelwise('Mul', mean, factor))
  const output = graph.differentiable(affine(input, factor, offset), [input, scale, shift], (gradient) => {
    const gradientSum = reduce('ReduceSum', gradient)
    const flat = [batch, channelCount, 1, height * width]
    const dots = graph.operator(
      'FusedMatMul',
      [reshape(gradient, flat), reshape(input, flat)],
      [batch, channelCount, 1, 1],
      {
        domain: 'com.microsoft',
        attributes: { transB: 1 },
      },
    )
    // sum of gradient * normalised input, from the sum of gradient * input
    const centred = channelwise('Sub', reduce('ReduceSum', dots), channelwise('Mul', mean, gradientSum))
    const scaleGradient = channelwise('Mul', centred, inverse)
    if (!input.learns) return [undefined, scaleGradient, gradientSum]

    // factor * (gradient - gradientSum / count - normalised * scaleGradient / count), as one affine map of the input
    const share = channelwise('Mul', factor, graph.scalar(-1 / count))
    const slope = channelwise('Mul', channelwise('Mul', share, scaleGradient), inverse)
    const level = channelwise('Sub', channelwise('Mul', share, gradientSum), channelwise('Mul', slope, mean))
    const direct = graph.operator('Mul', [gradient, reshape(factor, [1, channelCount, 1, 1])], input.shape)
    const inputGradient = graph.operator('Add', [direct, affine(input, slope, level)], input.shape)
    return [inputGradient, scaleGradient, gradientSum]
  })
  return { output, mean, variance }
}
