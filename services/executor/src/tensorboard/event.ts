import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'

/** A number that an image logged. */
export interface Scalar {
  readonly tag: string
  readonly step: number
  readonly value: number
  /** Unix seconds. */
  readonly wallTime: number
}

/** What TensorBoard shows a tag as. */
export const TagKind = { SCALAR: 'SCALAR', IMAGE: 'IMAGE', TEXT: 'TEXT', OTHER: 'OTHER' } as const
export type TagKind = keyof typeof TagKind

export interface Tag {
  readonly tag: string
  readonly kind: TagKind
}

/** What one Event message has for us. */
export interface Logged {
  readonly scalars: readonly Scalar[]
  readonly tags: readonly Tag[]
}

type Fields = Readonly<Record<number, (reader: BinaryReader, wireType: WireType) => void>>

/**
 * The tags of one Event message, and its scalars: `simple_value`s, and tensors of one number as TensorFlow 2 writes them.
 * Values that are not finite are left out: neither JSON nor a chart has a place for them.
 * Sources: tensorflow/core/util/event.proto, framework/summary.proto, framework/tensor.proto.
 * @throws Error when the bytes are no such message
 */
export function readEvent(event: Uint8Array): Logged {
  let wallTime = 0
  let step = 0
  const values: SummaryValue[] = []
  readMessage(new BinaryReader(event), {
    1: (reader) => void (wallTime = reader.double()),
    2: (reader) => void (step = Number(reader.int64())),
    5: (reader) =>
      readMessage(nested(reader), { 1: (summary) => values.push(summaryValue(nested(summary))) }),
  })
  return {
    tags: values.map(({ tag, kind }) => ({ tag, kind })),
    scalars: values.flatMap(({ tag, value }) =>
      value === undefined || !Number.isFinite(value) ? [] : [{ tag, step, value, wallTime }],
    ),
  }
}

interface SummaryValue extends Tag {
  readonly value: number | undefined
}

/** Kinds by the plug-in that a summary is written for; TensorFlow 2 writes everything as tensors. */
const kindsOfPlugins: Readonly<Record<string, TagKind>> = { scalars: 'SCALAR', images: 'IMAGE', text: 'TEXT' }

function summaryValue(reader: BinaryReader): SummaryValue {
  let tag = ''
  let value: number | undefined
  let kind: TagKind | undefined
  let plugin = ''
  readMessage(reader, {
    1: (fields) => void (tag = fields.string()),
    2: (fields) => void (value = fields.float()),
    4: (fields, wireType) => {
      kind = 'IMAGE'
      fields.skip(wireType)
    },
    8: (fields) => void (value = tensorScalar(nested(fields))),
    9: (fields) => void (plugin = pluginName(nested(fields))),
  })
  const usual = value === undefined ? 'OTHER' : 'SCALAR'
  return { tag: printable(tag), value, kind: kind ?? kindsOfPlugins[plugin] ?? usual }
}

/** SummaryMetadata.plugin_data.plugin_name */
function pluginName(reader: BinaryReader): string {
  let name = ''
  readMessage(reader, {
    1: (data) => readMessage(nested(data), { 1: (fields) => void (name = fields.string()) }),
  })
  return name
}

const longestTag = 500

/** A name that the database takes: no zero character, no tag of megabytes. */
function printable(tag: string): string {
  return tag.replaceAll('\0', '\ufffd').slice(0, longestTag)
}

const DT_FLOAT = 1
const DT_DOUBLE = 2
const DT_INT32 = 3
const DT_INT64 = 9

/** The number in a tensor that holds exactly one; undefined for images, text, histograms. */
function tensorScalar(reader: BinaryReader): number | undefined {
  let type = 0
  let content: Uint8Array = new Uint8Array()
  const listed: number[] = []
  const list = (one: (fields: BinaryReader) => number) => (fields: BinaryReader, wireType: WireType) => {
    if (wireType !== WireType.LengthDelimited) return void listed.push(one(fields))
    const packed = nested(fields)
    while (packed.pos < packed.len) listed.push(one(packed))
  }
  readMessage(reader, {
    1: (fields) => void (type = fields.int32()),
    4: (fields) => void (content = fields.bytes()),
    5: list((fields) => fields.float()),
    6: list((fields) => fields.double()),
    7: list((fields) => fields.int32()),
    10: list((fields) => Number(fields.int64())),
  })
  if (listed.length) return listed.length === 1 ? listed[0] : undefined
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength)
  if (type === DT_FLOAT && content.length === 4) return view.getFloat32(0, true)
  if (type === DT_DOUBLE && content.length === 8) return view.getFloat64(0, true)
  if (type === DT_INT32 && content.length === 4) return view.getInt32(0, true)
  if (type === DT_INT64 && content.length === 8) return Number(view.getBigInt64(0, true))
  return undefined
}

function readMessage(reader: BinaryReader, fields: Fields): void {
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag()
    const read = fields[number]
    if (read) read(reader, wireType)
    else reader.skip(wireType)
  }
}

function nested(reader: BinaryReader): BinaryReader {
  return new BinaryReader(reader.bytes())
}
