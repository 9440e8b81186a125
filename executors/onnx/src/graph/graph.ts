/**
 * A graph of ONNX operators under construction, with reverse-mode differentiation.
 *
 * Shapes are known while building, so that a gradient is itself written as standard operators and the whole training
 * step (forward, backward, optimiser) becomes one model that any onnxruntime runs. Operators live beside this file, as
 * functions over values; each registers how a gradient of its output becomes gradients of its inputs.
 */
import {
  encodeModel,
  type Attribute,
  type ElementType,
  type Initializer,
  type ModelNode,
  type ModelPort,
} from './onnx-model.ts'

export type Shape = readonly number[]

/** A tensor that will exist when the graph runs. */
export class Value {
  constructor(
    readonly graph: Graph,
    readonly name: string,
    readonly shape: Shape,
    /** whether something that is learnt lies upstream */
    readonly learns: boolean,
  ) {}

  /** Size of one dimension; a value used with fewer dimensions than the operator needs is a programming error. */
  dimension(axis: number): number {
    const size = this.shape[axis]
    if (size === undefined)
      throw new RangeError(`${this.name} has shape [${this.shape}], no dimension ${axis}`)
    return size
  }
}

/** Turns the gradient of an operator's output into those of its inputs (same order; undefined where none flows). */
export type Backward = (gradient: Value) => readonly (Value | undefined)[]

interface TapeEntry {
  readonly output: Value
  readonly inputs: readonly Value[]
  readonly backward: Backward
}

interface OperatorOptions {
  readonly attributes?: Readonly<Record<string, Attribute>>
  readonly domain?: 'com.microsoft'
}

export const elementCount = (shape: Shape): number => shape.reduce((product, size) => product * size, 1)

export class Graph {
  private readonly nodes: ModelNode[] = []
  private readonly initializers: Initializer[] = []
  private readonly inputs: ModelPort[] = []
  private readonly outputs: ModelPort[] = []
  private readonly tape: TapeEntry[] = []
  private readonly sharedConstants = new Map<string, Value>()
  private nameCount = 0

  /** @param portShape how the input is declared, when dimensions are free; the graph itself is built for `shape` */
  input(name: string, shape: Shape, { type = 'float32', portShape = shape }: InputOptions = {}): Value {
    this.inputs.push({ name, type, shape: portShape })
    return new Value(this, name, shape, false)
  }

  /** The same value, with respect to which gradients will be asked. */
  learnt({ name, shape }: Value): Value {
    return new Value(this, name, shape, true)
  }

  output(name: string, value: Value, { type = 'float32', portShape = value.shape }: InputOptions = {}): void {
    this.nodes.push({
      operator: 'Identity',
      domain: '',
      inputs: [value.name],
      outputs: [name],
      attributes: {},
    })
    this.outputs.push({ name, type, shape: portShape })
  }

  constant(values: Float32Array | BigInt64Array, shape: Shape): Value {
    const name = this.nextName('constant')
    this.initializers.push({ name, shape, values })
    return new Value(this, name, shape, false)
  }

  /** A constant number; equal numbers are stored once. */
  scalar(value: number): Value {
    return this.shared(`scalar ${value}`, () => this.constant(Float32Array.of(value), []))
  }

  /** A constant list of whole numbers (axes, shapes, positions); equal lists are stored once. */
  integers(values: readonly number[]): Value {
    const create = () =>
      this.constant(
        BigInt64Array.from(values, (value) => BigInt(value)),
        [values.length],
      )
    return this.shared(`integers ${values}`, create)
  }

  /** Appends one operator. `null` leaves out an optional input. */
  operator(
    operator: string,
    inputs: readonly (Value | null)[],
    shape: Shape,
    options: OperatorOptions = {},
  ): Value {
    const output = new Value(this, this.nextName(operator), shape, false)
    this.nodes.push({
      operator,
      domain: options.domain ?? '',
      inputs: inputs.map((input) => input?.name ?? ''),
      outputs: [output.name],
      attributes: options.attributes ?? {},
    })
    return output
  }

  /** Appends one operator with two outputs. */
  operatorPair(
    operator: string,
    inputs: readonly Value[],
    shapes: readonly [Shape, Shape],
    options: OperatorOptions = {},
  ): readonly [Value, Value] {
    const first = new Value(this, this.nextName(operator), shapes[0], false)
    const second = new Value(this, this.nextName(operator), shapes[1], false)
    this.nodes.push({
      operator,
      domain: options.domain ?? '',
      inputs: inputs.map((input) => input.name),
      outputs: [first.name, second.name],
      attributes: options.attributes ?? {},
    })
    return [first, second]
  }

  /** Declares `output` a differentiable function of `inputs`; returns the value to go on with. */
  differentiable(output: Value, inputs: readonly Value[], backward: Backward): Value {
    if (!inputs.some((input) => input.learns)) return output
    const learnt = new Value(this, output.name, output.shape, true)
    this.tape.push({ output: learnt, inputs, backward })
    return learnt
  }

  /**
   * Appends the backward pass.
   * @param seeds values with the gradient of the loss with respect to each
   * @returns a function that gives the gradient with respect to any learnt value
   * @throws when asked for a value on which the seeds do not depend
   */
  differentiate(seeds: readonly (readonly [Value, Value])[]): (value: Value) => Value {
    const gradients = new Map<string, Value>()
    const accumulate = (value: Value, gradient: Value) => {
      const earlier = gradients.get(value.name)
      gradients.set(value.name, earlier ? this.operator('Add', [earlier, gradient], value.shape) : gradient)
    }
    for (const [value, gradient] of seeds) accumulate(value, gradient)
    for (const entry of this.tape.toReversed()) {
      const gradient = gradients.get(entry.output.name)
      if (gradient === undefined) continue
      entry.backward(gradient).forEach((inputGradient, index) => {
        const input = entry.inputs[index]
        if (inputGradient && input?.learns) accumulate(input, inputGradient)
      })
    }
    return (value) => {
      const gradient = gradients.get(value.name)
      if (gradient === undefined) throw new Error(`the loss does not depend on ${value.name}`)
      return gradient
    }
  }

  encode(metadata: Readonly<Record<string, string>> = {}): Uint8Array {
    const { nodes, initializers, inputs, outputs } = this
    return encodeModel({ nodes, initializers, inputs, outputs, metadata })
  }

  private shared(key: string, create: () => Value): Value {
    const known = this.sharedConstants.get(key)
    if (known) return known
    const value = create()
    this.sharedConstants.set(key, value)
    return value
  }

  private nextName(prefix: string): string {
    return `${prefix}.${this.nameCount++}`
  }
}

interface InputOptions {
  readonly type?: ElementType
  readonly portShape?: readonly (number | string)[]
}
