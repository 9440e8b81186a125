/**
 * The protobuf wire format, as far as ONNX models and TensorBoard events need it.
 * Source: https://protobuf.dev/programming-guides/encoding
 */

const VARINT = 0
const FIXED64 = 1
const LENGTH_DELIMITED = 2
const FIXED32 = 5

const utf8 = new TextEncoder()

/** Writes one message; every method appends a field and returns the writer. */
export class ProtobufWriter {
  private readonly parts: Uint8Array[] = []
  private length = 0

  integer(field: number, value: number | bigint): this {
    return this.tag(field, VARINT).varint(value)
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setFloat32(0, value, true)
    return this.tag(field, FIXED32).append(bytes)
  }

  double(field: number, value: number): this {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setFloat64(0, value, true)
    return this.tag(field, FIXED64).append(bytes)
  }

  string(field: number, value: string): this {
    return this.bytes(field, utf8.encode(value))
  }

  message(field: number, value: ProtobufWriter): this {
    return this.bytes(field, value.finish())
  }

  bytes(field: number, value: Uint8Array): this {
    return this.tag(field, LENGTH_DELIMITED).varint(value.length).append(value)
  }

  finish(): Uint8Array {
    const message = new Uint8Array(this.length)
    let offset = 0
    for (const part of this.parts) {
      message.set(part, offset)
      offset += part.length
    }
    return message
  }

  private tag(field: number, wireType: number): this {
    return this.varint(field * 8 + wireType)
  }

  /** Negative numbers take ten bytes: two's complement in 64 bits. */
  private varint(value: number | bigint): this {
    let rest = BigInt.asUintN(64, BigInt(value))
    const bytes: number[] = []
    while (rest > 127n) {
      bytes.push(Number(rest & 127n) | 128)
      rest >>= 7n
    }
    bytes.push(Number(rest))
    return this.append(Uint8Array.from(bytes))
  }

  private append(bytes: Uint8Array): this {
    this.parts.push(bytes)
    this.length += bytes.length
    return this
  }
}

export type ProtobufField =
  | { readonly field: number; readonly kind: 'integer'; readonly value: bigint }
  | { readonly field: number; readonly kind: 'bytes' | 'fixed32' | 'fixed64'; readonly value: Uint8Array }

/**
 * The fields of one message in their order, nested messages as bytes.
 * @throws RangeError when the bytes end within a field or use a wire type that nobody writes any more
 */
export function* readFields(message: Uint8Array): Generator<ProtobufField> {
  let offset = 0
  const take = (length: number): Uint8Array => {
    if (offset + length > message.length)
      throw new RangeError(`protobuf message ends within a field at byte ${offset}`)
    offset += length
    return message.subarray(offset - length, offset)
  }
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = take(1)[0] ?? 0
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
  }
  while (offset < message.length) {
    const tag = Number(varint())
    const field = Math.floor(tag / 8)
    const wireType = tag % 8
    if (wireType === VARINT) yield { field, kind: 'integer', value: varint() }
    else if (wireType === FIXED64) yield { field, kind: 'fixed64', value: take(8) }
    else if (wireType === LENGTH_DELIMITED) yield { field, kind: 'bytes', value: take(Number(varint())) }
    else if (wireType === FIXED32) yield { field, kind: 'fixed32', value: take(4) }
    else throw new RangeError(`protobuf field ${field} has wire type ${wireType}, which is not supported`)
  }
}
