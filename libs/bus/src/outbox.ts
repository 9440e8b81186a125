import { randomUUID } from 'node:crypto'
import {
  definitionOf,
  encodeEvent,
  entityIdOf,
  projectIdOf,
  subjectOf,
  typeOf,
  type EventSchema,
  type MessageInitShape,
} from '@ymir/proto-events'
import type { EntityManager } from 'typeorm'

/**
 * Writes an event to the outbox in the caller's transaction, so that it is said if and only if its cause is committed.
 * @returns the event's id, under which every reader hears it exactly once
 */
export async function writeToOutbox<Schema extends EventSchema>(
  manager: EntityManager,
  service: string,
  schema: Schema,
  init: MessageInitShape<Schema>,
): Promise<string> {
  if (definitionOf(schema).telemetry)
    throw new Error(`${schema.typeName} is telemetry: it does not go through the outbox`)
  const data = encodeEvent(schema, init)
  const projectId = projectIdOf(schema, data)
  const entityId = entityIdOf(schema, data)
  const id = randomUUID()
  await manager.query(
    `insert into outbox (id, subject, type, project_id, entity_id, actor_id, data) values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      id,
      subjectOf(service, schema, projectId, entityId),
      typeOf(schema),
      projectId,
      entityId,
      actorOf(data),
      JSON.stringify(data),
    ],
  )
  await manager.query(`select pg_notify('ymir_outbox', current_schema())`)
  return id
}

/** Who caused an event, as its data names them; empty when the platform itself did. */
export function actorOf(data: Readonly<Record<string, unknown>>): string {
  return typeof data.actorId === 'string' ? data.actorId : ''
}
