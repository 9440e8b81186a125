import {
  create,
  fromJson,
  toJson,
  type DescMessage,
  type JsonObject,
  type JsonValue,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf'
import { definitionOf, type EventSchema } from './definition.ts'
import { InvalidEvent } from './invalid-event.ts'

/**
 * An event as proto3 JSON. Fields at their default (0, "", false, []) are written out, so that a reader without
 * protobuf need not know defaults; 64-bit integers are strings, as proto3 JSON has it.
 * @throws InvalidEvent when the message is not an event or lacks its project's or entity's id
 */
export function encodeEvent<S extends EventSchema>(schema: S, init: MessageInitShape<S>): JsonObject {
  const definition = definitionOf(schema)
  const json = toJson(schema, create(schema, init), { alwaysEmitImplicit: true }) as JsonObject // an event is an object
  for (const field of ['projectId', definition.entityIdField])
    if (!json[field]) throw new InvalidEvent(`${schema.typeName}: ${field} is empty; every event names both`)
  return json
}

/**
 * An event from its JSON. Unknown fields are ignored: an old reader survives a new writer.
 * @throws InvalidEvent naming the event when a field has the wrong type
 */
export function decodeEvent<S extends EventSchema>(schema: S, json: JsonValue): MessageShape<S> {
  definitionOf(schema)
  try {
    return fromJson(schema, json, { ignoreUnknownFields: true })
  } catch (error) {
    throw new InvalidEvent(`${schema.typeName}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

/** Id of the entity that an encoded event is about, e.g. its jobId. */
export function entityIdOf(schema: EventSchema, json: JsonObject): string {
  return stringField(schema, json, definitionOf(schema).entityIdField)
}

/** Id of the project that an encoded event belongs to. */
export function projectIdOf(schema: EventSchema, json: JsonObject): string {
  return stringField(schema, json, 'projectId')
}

function stringField(schema: DescMessage, json: JsonObject, field: string): string {
  const value = json[field]
  if (typeof value === 'string' && value !== '') return value
  throw new InvalidEvent(`${schema.typeName}: ${field} is missing`)
}
