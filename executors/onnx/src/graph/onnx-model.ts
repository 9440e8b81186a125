/**
 * ONNX models as bytes. Field numbers are those of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
 */
import { ProtobufWriter, readFields } from '../protobuf.ts'

export type ElementType = 'float32' | 'uint8' | 'int64' | 'bool'

/** TensorProto.DataType */
export const elementTypeCode: Record<ElementType, number> = { float32: 1, uint8: 2, int64: 7, bool: 9 }

/** A whole number that must be written as a float says so: `{ float: 0 }`. */
export type Attribute = number | string | readonly number[] | { readonly float: number }

export interface ModelNode {
  readonly operator: string
  /** `''` is not the default domain by accident: ONNX's own operators live in the unnamed one. */
  readonly domain: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, Attribute>>
}

export interface Initializer {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float32Array | BigInt64Array
}

/** An input or output; a dimension given as a word is free. */
export interface ModelPort {
  readonly name: string
  readonly type: ElementType
  readonly shape: readonly (number | string)[]
}

export interface ModelDescription {
  readonly nodes: readonly ModelNode[]
  readonly initializers: readonly Initializer[]
  readonly inputs: readonly ModelPort[]
  readonly outputs: readonly ModelPort[]
  readonly metadata: Readonly<Record<string, string>>
}

const IR_VERSION = 9
const OPERATOR_SET = 18

/** One ModelProto. */
export function encodeModel(model: ModelDescription): Uint8Array {
  const graph = new ProtobufWriter()
  model.nodes.forEach((node, index) => graph.message(1, encodeNode(node, index)))
  graph.string(2, 'detector')
  for (const initializer of model.initializers) graph.message(5, encodeInitializer(initializer))
  for (const input of model.inputs) graph.message(11, encodePort(input))
  for (const output of model.outputs) graph.message(12, encodePort(output))

  const file = new ProtobufWriter().integer(1, IR_VERSION).string(2, 'ymir-executor-onnx').message(7, graph)
  file.message(8, new ProtobufWriter().string(1, '').integer(2, OPERATOR_SET))
  if (model.nodes.some((node) => node.domain === 'com.microsoft'))
    file.message(8, new ProtobufWriter().string(1, 'com.microsoft').integer(2, 1))
  for (const [key, value] of Object.entries(model.metadata))
    file.message(14, new ProtobufWriter().string(1, key).string(2, value))
  return file.finish()
}

/**
 * The `metadata_props` of a model file; onnxruntime-node does not hand them out.
 * @throws RangeError when the bytes are no protobuf message
 */
export function readModelMetadata(model: Uint8Array): Record<string, string> {
  const text = new TextDecoder()
  const metadata: Record<string, string> = {}
  for (const entry of readFields(model)) {
    if (entry.field !== 14 || entry.kind !== 'bytes') continue
    const parts = [...readFields(entry.value)].map((part) =>
      part.kind === 'bytes' ? text.decode(part.value) : '',
    )
    const [key, value] = parts
    if (key !== undefined && value !== undefined) metadata[key] = value
  }
  return metadata
}

function encodeNode(node: ModelNode, index: number): ProtobufWriter {
  const message = new ProtobufWriter()
  for (const input of node.inputs) message.string(1, input)
  for (const output of node.outputs) message.string(2, output)
  message.string(3, `${node.operator}_${index}`).string(4, node.operator)
  for (const [name, value] of Object.entries(node.attributes))
    message.message(5, encodeAttribute(name, value))
  return node.domain === '' ? message : message.string(7, node.domain)
}

/** AttributeProto: f = 2, i = 3, s = 4, ints = 8; its `type` (20) is FLOAT 1, INT 2, STRING 3 or INTS 7. */
function encodeAttribute(name: string, value: Attribute): ProtobufWriter {
  const message = new ProtobufWriter().string(1, name)
  if (typeof value === 'string') return message.string(4, value).integer(20, 3)
  if (typeof value === 'number') return message.integer(3, value).integer(20, 2)
  if ('float' in value) return message.float(2, value.float).integer(20, 1)
  for (const item of value) message.integer(8, item)
  return message.integer(20, 7)
}

function encodeInitializer({ name, shape, values }: Initializer): ProtobufWriter {
  const message = new ProtobufWriter()
  for (const dimension of shape) message.integer(1, dimension)
  const type: ElementType = values instanceof Float32Array ? 'float32' : 'int64'
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return message.integer(2, elementTypeCode[type]).string(8, name).bytes(9, bytes)
}

function encodePort({ name, type, shape }: ModelPort): ProtobufWriter {
  const dimensions = new ProtobufWriter()
  for (const dimension of shape) {
    const message = new ProtobufWriter()
    dimensions.message(
      1,
      typeof dimension === 'number' ? message.integer(1, dimension) : message.string(2, dimension),
    )
  }
  const tensor = new ProtobufWriter().integer(1, elementTypeCode[type]).message(2, dimensions)
  return new ProtobufWriter().string(1, name).message(2, new ProtobufWriter().message(1, tensor))
}
