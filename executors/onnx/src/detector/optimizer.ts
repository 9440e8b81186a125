/** AdamW (Loshchilov and Hutter 2019) with gradient clipping and averaged weights, on flat vectors. */
import type { Value } from '../graph/graph.ts'
import { decays, type PartList } from './weights.ts'

const MEAN_DECAY = 0.9
const SQUARE_DECAY = 0.99
const EPSILON = 1e-8
/** of the whole gradient's length: a guard against rare steps, not a part of the tuning */
const LONGEST_GRADIENT = 10

export interface OptimizerInputs {
  readonly parameters: Value
  readonly gradient: Value
  readonly mean: Value
  readonly square: Value
  readonly average: Value
  /** numbers: the rate with {@link biasCorrection} in it, the share of a weight lost a step, the average's memory */
  readonly rate: Value
  readonly decay: Value
  readonly averageDecay: Value
}

export interface OptimizerOutputs {
  readonly parameters: Value
  readonly mean: Value
  readonly square: Value
  readonly average: Value
  readonly gradientLength: Value
}

/** Adam's means start at zero; the rate makes up for it. @param step counted from 1 */
export function biasCorrection(step: number): number {
  return Math.sqrt(1 - SQUARE_DECAY ** step) / (1 - MEAN_DECAY ** step)
}

export function adamW(inputs: OptimizerInputs, layout: PartList): OptimizerOutputs {
  const { graph, shape } = inputs.parameters
  const scalar = (value: number) => graph.scalar(value)
  const vector = (operator: 'Add' | 'Sub' | 'Mul' | 'Div', a: Value, b: Value) =>
    graph.operator(operator, [a, b], shape)
  const mix = (old: Value, fresh: Value, memory: Value, rest: Value) =>
    vector('Add', vector('Mul', old, memory), vector('Mul', fresh, rest))

  const squares = graph.operator('ReduceSumSquare', [inputs.gradient], [], { attributes: { keepdims: 0 } })
  const gradientLength = graph.operator('Sqrt', [squares], [])
  const guarded = graph.operator('Add', [gradientLength, scalar(1e-6)], [])
  const shortening = graph.operator('Div', [scalar(LONGEST_GRADIENT), guarded], [])
  const gradient = vector('Mul', inputs.gradient, graph.operator('Min', [scalar(1), shortening], []))

  const mean = mix(inputs.mean, gradient, scalar(MEAN_DECAY), scalar(1 - MEAN_DECAY))
  const square = mix(
    inputs.square,
    vector('Mul', gradient, gradient),
    scalar(SQUARE_DECAY),
    scalar(1 - SQUARE_DECAY),
  )
  const root = vector('Add', graph.operator('Sqrt', [square], shape), scalar(EPSILON))
  const moved = vector('Sub', inputs.parameters, vector('Mul', vector('Div', mean, root), inputs.rate))
  const shrinking = vector('Mul', graph.constant(decayMask(layout), shape), inputs.decay)
  const parameters = vector('Sub', moved, vector('Mul', inputs.parameters, shrinking))
  const averageRest = graph.operator('Sub', [scalar(1), inputs.averageDecay], [])
  const average = mix(inputs.average, parameters, inputs.averageDecay, averageRest)
  return { parameters, mean, square, average, gradientLength }
}

function decayMask(layout: PartList): Float32Array {
  const mask = new Float32Array(layout.size)
  for (const part of layout.parts.filter(decays)) mask.fill(1, part.from, part.to)
  return mask
}
