import {
  create,
  fromJson,
  getOption,
  hasOption,
  toJson,
  type DescFile,
  type DescMessage,
  type JsonObject,
  type JsonValue,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf'
import { vendor as vendorOption } from './generated/ymir/event/v1/event_pb.ts'
import { InvalidEvent } from './invalid-event.ts'

/** Where on NATS the platform and vendors speak: apart from the streams of the services. */
export const vendorStream = { name: 'YMIR_VENDORS', subjects: ['ymir.vendor.*.*'] } as const

/** How a message to or from a vendor travels: its `(ymir.event.v1.vendor)` option. */
export interface VendorMessage {
  readonly schema: DescMessage
  /** CloudEvents type, e.g. `ymir.vendor_task.changed.v1`. */
  readonly type: string
  /** Last part of its subject. */
  readonly channel: string
  /** `labeling` or `vendor`. */
  readonly writer: string
}

/** The messages of one contract file that go to or come from vendors. */
export function vendorMessagesIn(file: DescFile): VendorMessage[] {
  return file.messages.filter((message) => hasOption(message, vendorOption)).map(definitionOf)
}

/** The subject of one vendor's messages of a kind, or with `*` of all vendors'. */
export function vendorSubject(schema: DescMessage, vendorId: string): string {
  return `ymir.vendor.${vendorId}.${definitionOf(schema).channel}`
}

/** CloudEvents type, e.g. `ymir.vendor_task.changed.v1`. */
export function vendorTypeOf(schema: DescMessage): string {
  return definitionOf(schema).type
}

/** A message as proto3 JSON, with its fields at their defaults. */
export function encodeVendorMessage<S extends DescMessage>(schema: S, init: MessageInitShape<S>): JsonObject {
  return toJson(schema, create(schema, init), { alwaysEmitImplicit: true }) as JsonObject // a message is an object
}

/**
 * A message from its JSON; unknown fields are ignored.
 * @throws InvalidEvent that says what has the wrong type
 */
export function decodeVendorMessage<S extends DescMessage>(schema: S, json: JsonValue): MessageShape<S> {
  try {
    return fromJson(schema, json, { ignoreUnknownFields: true })
  } catch (error) {
    throw new InvalidEvent(`${schema.typeName}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

function definitionOf(schema: DescMessage): VendorMessage {
  const { name, channel, writer } = getOption(schema, vendorOption)
  const version = schema.file.proto.package.split('.').at(-1)
  if (!name || !channel || !writer)
    throw new InvalidEvent(`${schema.typeName}: its (ymir.event.v1.vendor) option is not whole`)
  return { schema, type: `ymir.${name}.${version}`, channel, writer }
}
