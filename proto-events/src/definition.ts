import { getOption, hasOption, type DescFile, type DescMessage } from '@bufbuild/protobuf'
import { file_ymir_dataset_v1_dataset_events } from './generated/ymir/dataset/v1/dataset_events_pb.ts'
import { event as eventOption } from './generated/ymir/event/v1/event_pb.ts'
import { file_ymir_executor_v1_executor_events } from './generated/ymir/executor/v1/executor_events_pb.ts'
import { file_ymir_identity_v1_identity_events } from './generated/ymir/identity/v1/identity_events_pb.ts'
import { file_ymir_labeling_v1_labeling_events } from './generated/ymir/labeling/v1/labeling_events_pb.ts'
import { file_ymir_mining_v1_mining_events } from './generated/ymir/mining/v1/mining_events_pb.ts'
import { file_ymir_model_v1_model_events } from './generated/ymir/model/v1/model_events_pb.ts'
import { InvalidEvent } from './invalid-event.ts'

/** The generated schema of an event, e.g. JobStateChangedSchema. */
export type EventSchema = DescMessage

/** How an event travels: its message's `(ymir.event.v1.event)` option, read once. */
export interface EventDefinition {
  readonly schema: EventSchema
  /** CloudEvents type, e.g. `ymir.job.state_changed.v1`. */
  readonly type: string
  /** First half of the name, e.g. `job`. */
  readonly entity: string
  /** Second half of the name, e.g. `state_changed`. */
  readonly event: string
  /** The service whose contract it belongs to, e.g. `executor`. */
  readonly service: string
  /** Services that may write it; more than one only for requests. */
  readonly writers: readonly string[]
  /** JSON name of the field with the entity's id, e.g. `jobId`. */
  readonly entityIdField: string
  /** High-rate, may be conflated or lost; never in an outbox. */
  readonly telemetry: boolean
}

const files: readonly DescFile[] = [
  file_ymir_dataset_v1_dataset_events,
  file_ymir_executor_v1_executor_events,
  file_ymir_identity_v1_identity_events,
  file_ymir_labeling_v1_labeling_events,
  file_ymir_mining_v1_mining_events,
  file_ymir_model_v1_model_events,
]

/** Every event that any service may write, in the order of the contracts. */
export const eventDefinitions: readonly EventDefinition[] = files.flatMap(definitionsIn)

const byTypeName = new Map(eventDefinitions.map((definition) => [definition.schema.typeName, definition]))
const byType = new Map(eventDefinitions.map((definition) => [definition.type, definition]))

/** @throws InvalidEvent when the message is not an event (has no `(ymir.event.v1.event)` option) */
export function definitionOf(schema: EventSchema): EventDefinition {
  const definition = byTypeName.get(schema.typeName)
  if (!definition)
    throw new InvalidEvent(`${schema.typeName} is not an event: give it the (ymir.event.v1.event) option`)
  return definition
}

/** The definition of a CloudEvents type, or undefined for a type that this version does not know. */
export function definitionOfType(type: string): EventDefinition | undefined {
  return byType.get(type)
}

/** CloudEvents type, e.g. `ymir.job.state_changed.v1`. */
export function typeOf(schema: EventSchema): string {
  return definitionOf(schema).type
}

/** Whether a message is an event, not a part of one. */
export function isEvent(schema: DescMessage): boolean {
  return hasOption(schema, eventOption)
}

/** The events of one contract file. Also used on freshly built descriptors, to generate documents. */
export function definitionsIn(file: DescFile): EventDefinition[] {
  return file.messages.filter(isEvent).map(defineEvent)
}

function defineEvent(schema: DescMessage): EventDefinition {
  const option = getOption(schema, eventOption)
  const [entity, event, ...rest] = option.name.split('.')
  if (!entity || !event || rest.length > 0)
    throw new InvalidEvent(
      `${schema.typeName}: name '${option.name}' is not <entity>.<event>, as in "job.state_changed"`,
    )
  if (option.writers.length === 0)
    throw new InvalidEvent(`${schema.typeName}: writers is empty; name the service that writes it`)
  const [, service, version] = schema.file.proto.package.split('.') // ymir.<service>.<version>
  if (!service || !version)
    throw new InvalidEvent(`${schema.typeName}: its package is not ymir.<service>.<version>`)
  return {
    schema,
    type: `ymir.${entity}.${event}.${version}`,
    entity,
    event,
    service,
    writers: option.writers,
    entityIdField: idField(schema, option.entityIdField),
    telemetry: option.telemetry,
  }
}

function idField(schema: DescMessage, name: string): string {
  for (const required of ['project_id', name])
    if (!schema.fields.some((field) => field.name === required && field.fieldKind === 'scalar'))
      throw new InvalidEvent(`${schema.typeName}: has no field ${required}; its subject needs one`)
  return schema.fields.find((field) => field.name === name)!.jsonName // found just above
}
