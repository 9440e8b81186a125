import { ScalarType, type DescEnum, type DescField, type DescMessage } from '@bufbuild/protobuf'
import { commentOf } from './comments.ts'

/** A JSON Schema (draft 7, as AsyncAPI has it) in the few words that proto3 JSON needs. */
export type JsonSchema = { readonly [keyword: string]: unknown }

/**
 * JSON Schema of a message in proto3 JSON (protobuf.dev/programming-guides/json), comments as descriptions.
 * Other messages are referred to as `#/components/schemas/<full name>`.
 * Unknown properties are allowed: readers survive new fields.
 */
export function jsonSchemaOf(message: DescMessage, required: readonly string[] = []): JsonSchema {
  return {
    type: 'object',
    title: message.name,
    description: commentOf(message),
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(message.fields.map((field) => [field.jsonName, fieldSchema(field)])),
  }
}

/** A message and all that its fields refer to, each once. */
export function messagesWithin(message: DescMessage, found = new Set<DescMessage>()): Set<DescMessage> {
  if (found.has(message)) return found
  found.add(message)
  for (const field of message.fields) if (field.message) messagesWithin(field.message, found)
  return found
}

/** Where a message's schema stands in the document. */
export function referenceTo(message: DescMessage): JsonSchema {
  return { $ref: `#/components/schemas/${message.typeName}` }
}

function fieldSchema(field: DescField): JsonSchema {
  const description = field.oneof
    ? `${commentOf(field)} At most one of ${field.oneof.fields.map((one) => one.jsonName).join(', ')} is set.`
    : commentOf(field)
  switch (field.fieldKind) {
    case 'scalar':
      return { ...scalarSchema(field.scalar), description }
    case 'enum':
      return { ...enumSchema(field.enum), description }
    case 'message':
      return { description, allOf: [referenceTo(field.message)] } // words beside a $ref are ignored in draft 7
    case 'list':
      return { type: 'array', items: elementSchema(field), description }
    case 'map':
      return { type: 'object', additionalProperties: elementSchema(field), description }
  }
}

function elementSchema(field: DescField & { fieldKind: 'list' | 'map' }): JsonSchema {
  if (field.message) return referenceTo(field.message)
  if (field.enum) return enumSchema(field.enum)
  return scalarSchema(field.scalar!) // neither message nor enum
}

function enumSchema(type: DescEnum): JsonSchema {
  return { type: 'string', enum: type.values.map((value) => value.name) }
}

function scalarSchema(type: ScalarType): JsonSchema {
  switch (type) {
    case ScalarType.STRING:
      return { type: 'string' }
    case ScalarType.BYTES:
      return { type: 'string', contentEncoding: 'base64' }
    case ScalarType.BOOL:
      return { type: 'boolean' }
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return { type: 'number' }
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return { type: 'string', format: 'int64', pattern: '^-?[0-9]+$' } // JSON numbers lose integers above 2^53
    default:
      return { type: 'integer', format: 'int32' }
  }
}
