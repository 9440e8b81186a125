import type { DescField, DescMessage, DescOneof } from '@bufbuild/protobuf'
import {
  DescriptorProtoSchema,
  FileDescriptorProtoSchema,
  type SourceCodeInfo_Location,
} from '@bufbuild/protobuf/wkt'

/**
 * The comment above a message, field or oneof in its .proto file, as one paragraph.
 * Needs descriptors with source information (`buf build` keeps it, generated code does not).
 */
export function commentOf(element: DescMessage | DescField | DescOneof): string {
  const file = element.kind === 'message' ? element.file : element.parent!.file // extensions alone have no parent
  const path = pathOf(element).join('.')
  const location = file.proto.sourceCodeInfo?.location.find(
    (at: SourceCodeInfo_Location) => at.path.join('.') === path,
  )
  return (location?.leadingComments ?? '').trim().replace(/\s*\n\s*/g, ' ')
}

// A location's path alternates field numbers of descriptor.proto and indexes (descriptor.proto, `SourceCodeInfo`).
function pathOf(element: DescMessage | DescField | DescOneof): number[] {
  const inMessage = DescriptorProtoSchema.field
  if (element.kind === 'message')
    return element.parent
      ? [
          ...pathOf(element.parent),
          inMessage.nestedType.number,
          element.parent.proto.nestedType.indexOf(element.proto),
        ]
      : [
          FileDescriptorProtoSchema.field.messageType.number,
          element.file.proto.messageType.indexOf(element.proto),
        ]
  const parent = element.parent! // extensions alone have no parent
  return element.kind === 'field'
    ? [...pathOf(parent), inMessage.field.number, parent.proto.field.indexOf(element.proto)]
    : [...pathOf(parent), inMessage.oneofDecl.number, parent.proto.oneofDecl.indexOf(element.proto)]
}
