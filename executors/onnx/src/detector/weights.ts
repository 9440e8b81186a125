/** What a detector has learnt: two flat vectors and the layout that names their parts. */
import { KERNEL, network, type NetworkWidths } from './network.ts'

/** The network that a set of weights belongs to. */
export interface DetectorSpecification {
  readonly widths: NetworkWidths
  readonly classNames: readonly string[]
}

export interface DetectorWeights {
  readonly specification: DetectorSpecification
  /** learnt by descent; parts as in {@link WeightLayout.parameters} */
  readonly parameters: Float32Array
  /** running means and variances of the batch normalisations; parts as in {@link WeightLayout.statistics} */
  readonly statistics: Float32Array
}

/** A named tensor within a flat vector. */
export interface Part {
  readonly name: string
  readonly shape: readonly number[]
  readonly from: number
  readonly to: number
}

export class PartList {
  private readonly byName = new Map<string, Part>()
  private length = 0

  get parts(): readonly Part[] {
    return [...this.byName.values()]
  }

  /** Elements of the whole vector. */
  get size(): number {
    return this.length
  }

  append(name: string, shape: readonly number[]): void {
    const from = this.length
    this.length += shape.reduce((product, size) => product * size, 1)
    this.byName.set(name, { name, shape, from, to: this.length })
  }

  part(name: string): Part {
    const part = this.byName.get(name)
    if (part === undefined) throw new RangeError(`the network has no weights named ${name}`)
    return part
  }
}

export interface WeightLayout {
  readonly parameters: PartList
  readonly statistics: PartList
}

/** Walks the network with channel counts for values and notes which weights each block asks for. */
export function layoutOf({ widths, classNames }: DetectorSpecification): WeightLayout {
  const parameters = new PartList()
  const statistics = new PartList()
  const blocks = {
    block(name: string, inputChannels: number, channels: number) {
      parameters.append(`${name}.weights`, [channels, inputChannels, KERNEL, KERNEL])
      parameters.append(`${name}.scale`, [channels])
      parameters.append(`${name}.shift`, [channels])
      statistics.append(`${name}.mean`, [channels])
      statistics.append(`${name}.variance`, [channels])
      return channels
    },
    linear(name: string, inputChannels: number, channels: number) {
      parameters.append(`${name}.weights`, [channels, inputChannels, 1, 1])
      parameters.append(`${name}.bias`, [channels])
      return channels
    },
    add: (channels: number) => channels,
    upsample: (channels: number) => channels,
  }
  network(blocks, widths, classNames.length, 3)
  return { parameters, statistics }
}

/** Only the kernels decay; scales, shifts and biases do not. */
export const decays = (part: Part): boolean => part.name.endsWith('.weights')

/** A new detector starts by expecting an object's centre in one place of a hundred (Lin et al., focal loss, 2017). */
const EXPECTED_HEAT = 0.01

/** ... with sides of three cells from its centre. */
const EXPECTED_SIDE = 3

/** @param random uniform in [0, 1) */
export function initialWeights(specification: DetectorSpecification, random: () => number): DetectorWeights {
  const layout = layoutOf(specification)
  const parameters = new Float32Array(layout.parameters.size)
  for (const part of layout.parameters.parts)
    fillInitially(parameters.subarray(part.from, part.to), part, random)
  const statistics = new Float32Array(layout.statistics.size)
  for (const part of layout.statistics.parts)
    if (part.name.endsWith('.variance')) statistics.fill(1, part.from, part.to)
  return { specification, parameters, statistics }
}

function fillInitially(values: Float32Array, part: Part, random: () => number): void {
  if (part.name === 'heat.bias') values.fill(Math.log(EXPECTED_HEAT / (1 - EXPECTED_HEAT)))
  else if (part.name === 'sides.bias') values.fill(Math.log(EXPECTED_SIDE))
  else if (part.name.endsWith('.scale')) values.fill(1)
  else if (part.name.endsWith('.weights')) {
    const deviation = initialDeviation(part)
    for (let i = 0; i < values.length; i++) values[i] = deviation * gaussian(random)
  }
}

const headWeights = new Set(['heat.weights', 'classes.weights', 'sides.weights'])

/** He et al. 2015 for layers that a ReLU follows; heads start near their biases. */
function initialDeviation(part: Part): number {
  if (headWeights.has(part.name)) return 0.01
  const inputs = (part.to - part.from) / (part.shape[0] ?? 1)
  return Math.sqrt(2 / inputs)
}

/** Box and Muller. */
function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/**
 * Weights for a new list of classes from a detector trained on another: everything but the class head is
 * taken over, and so are the rows of classes of the same name; new classes start as in a new detector.
 * The network's widths are those of the pretrained detector.
 */
export function transferWeights(
  pretrained: DetectorWeights,
  classNames: readonly string[],
  random: () => number,
): DetectorWeights {
  const specification = { widths: pretrained.specification.widths, classNames }
  const fresh = initialWeights(specification, random)
  const from = layoutOf(pretrained.specification).parameters
  const to = layoutOf(specification).parameters
  for (const part of to.parts) {
    const source = from.part(part.name)
    if (!part.name.startsWith('classes.')) {
      fresh.parameters.set(pretrained.parameters.subarray(source.from, source.to), part.from)
      continue
    }
    const rowLength = (part.to - part.from) / classNames.length
    classNames.forEach((className, row) => {
      const sourceRow = pretrained.specification.classNames.indexOf(className)
      if (sourceRow === -1) return
      const start = source.from + sourceRow * rowLength
      fresh.parameters.set(
        pretrained.parameters.subarray(start, start + rowLength),
        part.from + row * rowLength,
      )
    })
  }
  return { specification, parameters: fresh.parameters, statistics: pretrained.statistics.slice() }
}
