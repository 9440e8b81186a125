import { seededRandom } from '@ymir/detection'
import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { Graph, type Shape } from '../graph/graph.ts'
import { boxLoss, classLoss, heatLoss } from './losses.ts'

const shape: Shape = [1, 4, 2, 2]
const random = seededRandom(3)
const numbers = (low: number, high: number) =>
  Float32Array.from({ length: 16 }, () => low + (high - low) * random())

async function lossSession(kind: 'heat' | 'class' | 'box') {
  const graph = new Graph()
  const head = graph.learnt(graph.input('head', shape))
  const target = graph.input('target', shape)
  const scale = graph.scalar(0.5)
  const weight = graph.constant(Float32Array.of(0.1, 0.2, 0.3, 0.4), [1, 1, 2, 2])
  const losses = {
    heat: () => heatLoss(head, target, scale),
    class: () => classLoss(head, target, weight, scale),
    box: () => boxLoss(head, target, weight, scale),
  }
  const loss = losses[kind]()
  graph.output('loss', loss.value)
  graph.output('gradient', graph.differentiate([loss.seed])(head))
  const session = await ort.InferenceSession.create(graph.encode(), { logSeverityLevel: 3 })
  return async (head: Float32Array, target: Float32Array) => {
    const tensor = (values: Float32Array) => new ort.Tensor('float32', values, shape)
    const results = await session.run({ head: tensor(head), target: tensor(target) })
    return {
      loss: Number(results['loss']?.data[0]),
      gradient: Array.from(results['gradient']?.data as Float32Array),
    } // float32
  }
}

type Run = Awaited<ReturnType<typeof lossSession>>

async function slopes(run: Run, head: Float32Array, target: Float32Array): Promise<number[]> {
  const step = 1e-2
  const found: number[] = []
  for (let i = 0; i < head.length; i++) {
    const moved = (by: number) => head.map((value, index) => (index === i ? value + by : value))
    const [above, below] = [await run(moved(step), target), await run(moved(-step), target)]
    found.push((above.loss - below.loss) / (2 * step))
  }
  return found
}

describe('the heat loss', () => {
  it('is the focal loss of CornerNet', async () => {
    const run = await lossSession('heat')
    const logits = numbers(-3, 3)
    const target = numbers(0, 0.9)
    target[5] = 1
    const expected = logits.reduce((sum, logit, i) => {
      const p = 1 / (1 + Math.exp(-logit))
      const y = target[i] ?? 0
      return sum - (y === 1 ? (1 - p) ** 2 * Math.log(p) : (1 - y) ** 4 * p ** 2 * Math.log(1 - p))
    }, 0)
    expect((await run(logits, target)).loss).toBeCloseTo(expected * 0.5, 4)
  })

  it('has the gradient of finite differences', async () => {
    const run = await lossSession('heat')
    const [logits, target] = [numbers(-3, 3), numbers(0, 0.9)]
    target[2] = 1
    const { gradient } = await run(logits, target)
    for (const [i, slope] of (await slopes(run, logits, target)).entries())
      expect(gradient[i]).toBeCloseTo(slope, 2)
  })

  it('stays finite for logits that no float32 probability can tell from 0 or 1', async () => {
    const run = await lossSession('heat')
    const logits = Float32Array.from({ length: 16 }, (_, i) => (i % 2 ? 90 : -90))
    const { loss, gradient } = await run(logits, numbers(0, 1))
    expect([loss, ...gradient].every(Number.isFinite)).toBe(true)
  })
})

describe('the class loss', () => {
  const target = new Float32Array(16)
  for (const [place, classIndex] of [3, 0, 1, 2].entries()) target[classIndex * 4 + place] = 1

  it('is the cross-entropy of the true class, weighted', async () => {
    const run = await lossSession('class')
    // all classes alike: ln 4 at every place; the weights sum to 1
    expect((await run(new Float32Array(16), target)).loss).toBeCloseTo(Math.log(4) * 2 * 0.5, 4)
    const sure = target.map((value) => value * 50)
    expect((await run(sure, target)).loss).toBeCloseTo(0, 5)
  })

  it('has the gradient of finite differences', async () => {
    const run = await lossSession('class')
    const logits = numbers(-3, 3)
    const { gradient } = await run(logits, target)
    for (const [i, slope] of (await slopes(run, logits, target)).entries())
      expect(gradient[i]).toBeCloseTo(slope, 2)
  })
})

describe('the box loss', () => {
  it('is nothing for the true box', async () => {
    const run = await lossSession('box')
    const target = numbers(1, 9)
    expect((await run(target.map(Math.log), target)).loss).toBeCloseTo(0, 4)
  })

  it('is 1 - GIoU, weighted', async () => {
    const run = await lossSession('box')
    // sides of 2 everywhere against 1: overlap 4, union 16, hull 16, so 1 - GIoU is 3/4 at each place; weights sum to 1
    const { loss } = await run(new Float32Array(16).fill(Math.log(2)), new Float32Array(16).fill(1))
    expect(loss).toBeCloseTo(0.75 * 5 * 0.5, 4)
  })

  it('has the gradient of finite differences', async () => {
    const run = await lossSession('box')
    const [sides, target] = [numbers(-1, 2), numbers(1, 9)]
    const { gradient } = await run(sides, target)
    for (const [i, slope] of (await slopes(run, sides, target)).entries())
      expect(gradient[i]).toBeCloseTo(slope, 2)
  })
})
