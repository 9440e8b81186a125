/** One training step as a model: a batch, its targets and the state go in; losses and the next state come out. */
import { add, rectify } from '../graph/arithmetic.ts'
import { batchNormalise } from '../graph/batch-norm.ts'
import { convolve } from '../graph/convolution.ts'
import { Graph, type Value } from '../graph/graph.ts'
import { cut, joinVectors, reshape, upsample } from '../graph/shape.ts'
import { boxLoss, classLoss, heatLoss } from './losses.ts'
import { network, STRIDE, type Blocks } from './network.ts'
import { adamW } from './optimizer.ts'
import { layoutOf, type DetectorSpecification } from './weights.ts'

export interface BatchShape {
  readonly batchSize: number
  readonly width: number
  readonly height: number
}

/** Share of the batch's statistics in the running ones, each step. */
const STATISTICS_SHARE = 0.05

/** Vectors that a step takes and gives back changed; outputs are named `next.<name>`. */
export const stateNames = ['parameters', 'mean', 'square', 'average', 'statistics'] as const
export type StateName = (typeof stateNames)[number]

export function trainingGraph(
  specification: DetectorSpecification,
  { batchSize, width, height }: BatchShape,
): Uint8Array {
  const graph = new Graph()
  const layout = layoutOf(specification)
  const classCount = specification.classNames.length
  const [rows, columns] = [height / STRIDE, width / STRIDE]
  const size = [layout.parameters.size]

  const images = graph.input('images', [batchSize, 3, height, width])
  const heatTarget = graph.input('heat', [batchSize, 1, rows, columns])
  const classesTarget = graph.input('classes', [batchSize, classCount, rows, columns])
  const sidesTarget = graph.input('sides', [batchSize, 4, rows, columns])
  const objectWeight = graph.input('objectWeight', [batchSize, 1, rows, columns])
  const [scale, rate, decay, averageDecay] = ['scale', 'rate', 'decay', 'averageDecay'].map((name) =>
    graph.input(name, []),
  ) as [Value, Value, Value, Value] // four names above
  const parameters = graph.input('parameters', size)
  const [mean, square, average] = ['mean', 'square', 'average'].map((name) => graph.input(name, size)) as [
    Value,
    Value,
    Value, // three names above
  ]
  const statistics = graph.input('statistics', [layout.statistics.size])

  const learnt = new Map<string, Value>()
  for (const part of layout.parameters.parts)
    learnt.set(part.name, graph.learnt(cut(parameters, part.from, part.to, part.shape)))
  const weight = (name: string): Value => {
    const value = learnt.get(name)
    if (value === undefined) throw new RangeError(`the network has no weights named ${name}`)
    return value
  }
  const batchStatistics: Value[] = []
  const blocks: Blocks<Value> = {
    block(name, input, _channels, { stride = 1, residual = false } = {}) {
      const convolved = convolve(input, weight(`${name}.weights`), { stride })
      const normalised = batchNormalise(convolved, weight(`${name}.scale`), weight(`${name}.shift`))
      batchStatistics.push(normalised.mean, normalised.variance)
      return rectify(residual ? add(normalised.output, input) : normalised.output)
    },
    linear: (name, input) => convolve(input, weight(`${name}.weights`), { bias: weight(`${name}.bias`) }),
    add,
    upsample,
  }
  const heads = network(blocks, specification.widths, classCount, images)
  const heat = heatLoss(heads.heat, heatTarget, scale)
  const classes = classLoss(heads.classes, classesTarget, objectWeight, scale)
  const box = boxLoss(heads.sides, sidesTarget, objectWeight, scale)

  const gradientOf = graph.differentiate([heat.seed, classes.seed, box.seed])
  const gradients = layout.parameters.parts.map((part) =>
    reshape(gradientOf(weight(part.name)), [part.to - part.from]),
  )
  const gradient = joinVectors(gradients)
  const next = adamW(
    { parameters, gradient, mean, square, average, rate, decay, averageDecay },
    layout.parameters,
  )

  for (const name of ['parameters', 'mean', 'square', 'average'] as const)
    graph.output(`next.${name}`, next[name])
  graph.output('next.statistics', blend(statistics, joinVectors(batchStatistics), STATISTICS_SHARE))
  graph.output('heatLoss', heat.value)
  graph.output('classLoss', classes.value)
  graph.output('boxLoss', box.value)
  graph.output('gradientLength', next.gradientLength)
  return graph.encode()
}

function blend(old: Value, fresh: Value, share: number): Value {
  const { graph, shape } = old
  const kept = graph.operator('Mul', [old, graph.scalar(1 - share)], shape)
  return graph.operator('Add', [kept, graph.operator('Mul', [fresh, graph.scalar(share)], shape)], shape)
}
