import * as ort from 'onnxruntime-node'
import { expect, it } from 'vitest'
import { Graph } from '../graph/graph.ts'
import { adamW, biasCorrection } from './optimizer.ts'
import { PartList } from './weights.ts'

async function oneStep(gradient: readonly [number, number]) {
  const layout = new PartList()
  layout.append('layer.weights', [1])
  layout.append('layer.bias', [1])
  const graph = new Graph()
  const vector = (name: string) => graph.input(name, [2])
  const number = (name: string) => graph.input(name, [])
  const next = adamW(
    {
      parameters: vector('parameters'),
      gradient: vector('gradient'),
      mean: vector('mean'),
      square: vector('square'),
      average: vector('average'),
      rate: number('rate'),
      decay: number('decay'),
      averageDecay: number('averageDecay'),
    },
    layout,
  )
  graph.output('parameters_', next.parameters)
  graph.output('average_', next.average)
  graph.output('square_', next.square)
  const session = await ort.InferenceSession.create(graph.encode(), { logSeverityLevel: 3 })
  const tensor = (...values: number[]) =>
    new ort.Tensor('float32', values, values.length === 1 ? [] : [values.length])
  const results = await session.run({
    parameters: tensor(1, 1),
    gradient: tensor(...gradient),
    mean: tensor(0, 0),
    square: tensor(0, 0),
    average: tensor(3, 3),
    rate: tensor(0.1 * biasCorrection(1)),
    decay: tensor(0.01),
    averageDecay: tensor(0.5),
  })
  const list = (name: string) => Array.from(results[name]?.data as Float32Array) // declared float32
  return { parameters: list('parameters_'), average: list('average_'), square: list('square_') }
}

it('the first step of AdamW moves each weight by the rate against its sign, and only kernels decay', async () => {
  const { parameters } = await oneStep([0.5, -0.001])
  expect(parameters[0]).toBeCloseTo(1 - 0.1 - 0.01, 5)
  expect(parameters[1]).toBeCloseTo(1 + 0.1, 4)
})

it('the average keeps its share of what it was', async () => {
  const { parameters, average } = await oneStep([0.5, -0.5])
  expect(average[0]).toBeCloseTo((3 + (parameters[0] ?? 0)) / 2, 5)
})

it('a gradient longer than 10 is shortened to 10 before it enters the means', async () => {
  const { square } = await oneStep([30, 40])
  expect(square[0]).toBeCloseTo(0.01 * 6 ** 2, 4)
  expect(square[1]).toBeCloseTo(0.01 * 8 ** 2, 4)
})
