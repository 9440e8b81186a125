/** What is said on the bus: messages, their subjects, their wire form. */
export * from './generated/ymir/dataset/v1/dataset_events_pb.ts'
export * from './generated/ymir/event/v1/event_pb.ts'
export * from './generated/ymir/executor/v1/executor_events_pb.ts'
export * from './generated/ymir/identity/v1/identity_events_pb.ts'
export * from './generated/ymir/labeling/v1/labeling_events_pb.ts'
export * from './generated/ymir/labeling/v1/vendor_messages_pb.ts'
export * from './generated/ymir/mining/v1/mining_events_pb.ts'
export * from './generated/ymir/model/v1/model_events_pb.ts'
export type { MessageInitShape, MessageShape } from '@bufbuild/protobuf'
export {
  definitionOf,
  definitionOfType,
  eventDefinitions,
  isEvent,
  typeOf,
  type EventDefinition,
  type EventSchema,
} from './definition.ts'
export { streams, subjectFilter, subjectOf, parseSubject, type SubjectParts } from './subject.ts'
export { decodeEvent, encodeEvent, entityIdOf, projectIdOf } from './wire.ts'
export {
  decodeVendorMessage,
  encodeVendorMessage,
  vendorStream,
  vendorSubject,
  vendorTypeOf,
} from './vendor.ts'
export { InvalidEvent } from './invalid-event.ts'
