/** Every operator's gradient against finite differences, computed by onnxruntime itself. */
import { seededRandom } from '@ymir/detection'
import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import {
  add,
  clip,
  divide,
  exponential,
  maximum,
  minimum,
  multiply,
  rectify,
  subtract,
} from './arithmetic.ts'
import { batchNormalise } from './batch-norm.ts'
import { convolve } from './convolution.ts'
import { elementCount, Graph, type Shape, type Value } from './graph.ts'
import { channels, upsample } from './shape.ts'

const DIFFERENCE = 1e-2

type Operands = readonly [Value, Value, Value]
type Build = (operands: Operands) => Value

/** The loss is a sum with random weights, so that no error can hide in a symmetry. */
async function largestGradientError(
  build: Build,
  shapes: readonly Shape[],
  low = -1,
  high = 1,
): Promise<number> {
  const random = seededRandom(7)
  const graph = new Graph()
  const inputs = shapes.map((shape, index) => graph.learnt(graph.input(`x${index}`, shape)))
  const output = build(inputs as unknown as Operands) // a build uses as many as it has shapes
  const weights = graph.constant(
    Float32Array.from({ length: elementCount(output.shape) }, () => random() - 0.5),
    output.shape,
  )
  const weighted = graph.operator('Mul', [output, weights], output.shape)
  graph.output('loss', graph.operator('ReduceSum', [weighted], [], { attributes: { keepdims: 0 } }))
  const gradientOf = graph.differentiate([[output, weights]])
  inputs.forEach((input, index) => graph.output(`dx${index}`, gradientOf(input)))

  const session = await ort.InferenceSession.create(graph.encode(), { logSeverityLevel: 3 })
  const values = shapes.map((shape) =>
    Float32Array.from({ length: elementCount(shape) }, () => low + (high - low) * random()),
  )
  const run = () =>
    session.run(
      Object.fromEntries(
        values.map((data, index) => [`x${index}`, new ort.Tensor('float32', data, shapes[index])]),
      ),
    )
  const loss = async () => Number((await run())['loss']?.data[0])

  const exact = await run()
  let largest = 0
  for (const [index, data] of values.entries()) {
    const gradient = exact[`dx${index}`]?.data as Float32Array // declared float32
    for (let i = 0; i < data.length; i++) {
      const value = data[i] ?? 0
      data[i] = value + DIFFERENCE
      const above = await loss()
      data[i] = value - DIFFERENCE
      const below = await loss()
      data[i] = value
      const slope = (above - below) / (2 * DIFFERENCE)
      largest = Math.max(
        largest,
        Math.abs(slope - (gradient[i] ?? Number.NaN)) / Math.max(1, Math.abs(slope)),
      )
    }
  }
  await session.release()
  return largest
}

const map: Shape = [2, 3, 4, 6]

describe('the gradient equals finite differences for', () => {
  const cases: Record<string, readonly [Build, readonly Shape[], number?, number?]> = {
    'a sum': [([a, b]) => add(a, b), [map, map]],
    'a difference': [([a, b]) => subtract(a, b), [map, map]],
    'a product': [([a, b]) => multiply(a, b), [map, map]],
    'a value used twice': [([a]) => multiply(a, a), [map]],
    'a quotient': [([a, b]) => divide(a, b), [map, map], 0.5, 2],
    'an exponential': [([a]) => exponential(a), [map]],
    'a part of the channels': [([a]) => channels(a, 1, 3), [map]],
    'an upsampled map': [([a]) => upsample(a), [map]],
    'a 3 x 3 convolution': [([x, w]) => convolve(x, w), [map, [2, 3, 3, 3]]],
    'a 3 x 3 convolution with stride 2': [([x, w]) => convolve(x, w, { stride: 2 }), [map, [2, 3, 3, 3]]],
    'a 3 x 3 convolution with stride 2 of odd size': [
      ([x, w]) => convolve(x, w, { stride: 2 }),
      [
        [2, 3, 5, 7],
        [2, 3, 3, 3],
      ],
    ],
    'a 1 x 1 convolution with bias': [([x, w, bias]) => convolve(x, w, { bias }), [map, [2, 3, 1, 1], [2]]],
    'a batch normalisation': [([x, scale, shift]) => batchNormalise(x, scale, shift).output, [map, [3], [3]]],
  }
  for (const [name, [build, shapes, low, high]] of Object.entries(cases))
    it(name, async () => {
      expect(await largestGradientError(build, shapes, low, high)).toBeLessThan(5e-3)
    })
})

describe('the gradient of an operator with a corner', () => {
  // finite differences are wrong across the corner: values are kept away from it
  it('flows to the smaller and to the greater operand', async () => {
    const above: Build = ([a, b]) =>
      multiply(minimum(a, add(b, a.graph.scalar(3))), maximum(a, add(b, a.graph.scalar(3))))
    expect(await largestGradientError(above, [map, map])).toBeLessThan(5e-3)
  })

  it('flows where a rectifier lets through', async () => {
    expect(await largestGradientError(([a]) => rectify(a), [map], 0.1, 1)).toBeLessThan(5e-3)
    expect(await largestGradientError(([a]) => rectify(a), [map], -1, -0.1)).toBe(0)
  })

  it('stops where a bound cuts', async () => {
    expect(await largestGradientError(([a]) => clip(a, -2, 2), [map])).toBeLessThan(5e-3)
    expect(await largestGradientError(([a]) => clip(a, -0.01, 0.01), [map], 0.1, 1)).toBe(0)
  })
})

describe('a graph', () => {
  it('refuses to broadcast what learns, because its gradient would have the wrong shape', () => {
    const graph = new Graph()
    const row = graph.learnt(graph.input('row', [3]))
    expect(() => add(graph.input('table', [2, 3]), row)).toThrow(/which learns/)
  })

  it('says so when the loss does not depend on what is asked for', () => {
    const graph = new Graph()
    const idle = graph.learnt(graph.input('idle', [1]))
    expect(() => graph.differentiate([])(idle)).toThrow('the loss does not depend on idle')
  })
})
