import { definitionOf, eventDefinitions, type EventDefinition, type EventSchema } from './definition.ts'
import { InvalidEvent } from './invalid-event.ts'

/** What a subject says: `ymir.<writer>.<entity>.<event>.<projectId>.<entityId>`. */
export interface SubjectParts {
  readonly writer: string
  readonly entity: string
  readonly event: string
  readonly projectId: string
  readonly entityId: string
}

/**
 * The subject under which a writer publishes an event.
 * @throws InvalidEvent when the writer may not write it, or an id cannot stand in a subject
 */
export function subjectOf(writer: string, schema: EventSchema, projectId: string, entityId: string): string {
  const definition = definitionOf(schema)
  if (!definition.writers.includes(writer))
    throw new InvalidEvent(
      `service ${writer} may not write ${schema.typeName}; its contract names ${definition.writers.join(', ')}`,
    )
  return [
    'ymir',
    writer,
    definition.entity,
    definition.event,
    token(schema, 'projectId', projectId),
    token(schema, definition.entityIdField, entityId),
  ].join('.')
}

/**
 * A subject that follows everything with the parts given and anything for the others:
 * `subjectFilter({ projectId })` follows a project, `subjectFilter({ entity: 'job', entityId })` one job.
 */
export function subjectFilter(parts: Partial<SubjectParts>): string {
  const { writer = '*', entity = '*', event = '*', projectId = '*', entityId = '*' } = parts
  return ['ymir', writer, entity, event, projectId, entityId].join('.')
}

/** The parts of an event's subject, or undefined for a subject that is not one. */
export function parseSubject(subject: string): SubjectParts | undefined {
  const [prefix, writer, entity, event, projectId, entityId, ...rest] = subject.split('.')
  if (prefix !== 'ymir' || rest.length > 0) return undefined
  if (!writer || !entity || !event || !projectId || !entityId) return undefined
  return { writer, entity, event, projectId, entityId }
}

/**
 * Which subjects each JetStream stream keeps. Two streams may not overlap, so both list their events one by one:
 * facts are kept until they are old, telemetry is bounded.
 */
export const streams = {
  events: { name: 'YMIR_EVENTS', subjects: subjectsOf((definition) => !definition.telemetry) },
  telemetry: { name: 'YMIR_TELEMETRY', subjects: subjectsOf((definition) => definition.telemetry) },
} as const

function subjectsOf(belongs: (definition: EventDefinition) => boolean): readonly string[] {
  return eventDefinitions
    .filter(belongs)
    .flatMap(({ writers, entity, event }) =>
      writers.map((writer) => subjectFilter({ writer, entity, event })),
    )
}

// A dot would add a level, a wildcard or a space is refused by NATS or, worse, matches other subjects.
const allowed = /^[A-Za-z0-9_-]+$/

function token(schema: EventSchema, field: string, value: string): string {
  if (allowed.test(value)) return value
  throw new InvalidEvent(
    `${schema.typeName}: ${field} ${JSON.stringify(value)} cannot stand in a subject; ` +
      `use letters, digits, '-' and '_' only`,
  )
}
