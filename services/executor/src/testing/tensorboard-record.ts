import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { maskedCrc32c } from '../tensorboard/crc32c.ts'

/** Fields of a summary's value, in the numbers of summary.proto. */
export type Fill = (value: BinaryWriter) => void
const bytesField = (number: number, fill: Fill) => (writer: BinaryWriter) => {
  const inner = new BinaryWriter()
  fill(inner)
  writer.tag(number, WireType.LengthDelimited).bytes(inner.finish())
}
const simple =
  (value: number): Fill =>
  (writer) =>
    void writer.tag(2, WireType.Bit32).float(value)
const image: Fill = bytesField(4, (inner) => inner.tag(1, WireType.Varint).int32(8))
const histogram: Fill = bytesField(5, (inner) => inner.tag(1, WireType.Bit64).double(0))
const plugin = (name: string): Fill =>
  bytesField(
    9,
    bytesField(1, (inner) => inner.tag(1, WireType.LengthDelimited).string(name)),
  )
const strings: Fill = bytesField(8, (inner) => inner.tag(1, WireType.Varint).int32(7))
const number: Fill = bytesField(8, (inner) =>
  inner.tag(1, WireType.Varint).int32(1).tag(5, WireType.Bit32).float(0.5),
)

/** What is logged under a tag, as both TensorFlow versions and PyTorch write it. */
export const logged = { simple, image, histogram, plugin, strings, number }

/** An event of 2023-11-14 with a summary of these values. */
export function aTensorboardEvent(
  step: number,
  values: readonly (readonly [tag: string, ...fields: Fill[]])[],
): Uint8Array {
  const writer = new BinaryWriter()
  writer.tag(1, WireType.Bit64).double(1_700_000_000)
  writer.tag(2, WireType.Varint).int64(step)
  bytesField(5, (summary) => {
    for (const [tag, ...fields] of values)
      bytesField(1, (value) => {
        value.tag(1, WireType.LengthDelimited).string(tag)
        for (const fill of fields) fill(value)
      })(summary)
  })(writer)
  return writer.finish()
}

/** An event as it stands in an event file. */
export function aTensorboardRecord(payload: Uint8Array): Buffer {
  const header = Buffer.alloc(12)
  header.writeBigUInt64LE(BigInt(payload.length))
  header.writeUInt32LE(maskedCrc32c(header.subarray(0, 8)), 8)
  const end = Buffer.alloc(4)
  end.writeUInt32LE(maskedCrc32c(payload))
  return Buffer.concat([header, payload, end])
}
