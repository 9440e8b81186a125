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
  type MessageShape,
} from '@ymir/proto-events'
import type { DataSource, EntityManager } from 'typeorm'
import { toHeaders } from './cloud-event.ts'
import { connectToNats } from './connection.ts'
import { Inbox, type Handler, type Occurrence, type Subscription } from './inbox.ts'
import { actorOf, writeToOutbox } from './outbox.ts'
import { Relay } from './relay.ts'
import { ensureStreams } from './streams.ts'

export type { Handler, Occurrence }

/** What a service says and hears. */
export interface Bus {
  /** Says that something became true, in the transaction that makes it true. Returns the event's id. */
  emit<Schema extends EventSchema>(
    manager: EntityManager,
    schema: Schema,
    data: MessageInitShape<Schema>,
  ): Promise<string>
  /** Says how something goes; may be lost, costs nothing. */
  telemetry<Schema extends EventSchema>(schema: Schema, data: MessageInitShape<Schema>): void
  /** Hears every event of a kind once; before `start`. A handler that throws is rolled back and called again later. */
  handle<Schema extends EventSchema>(schema: Schema, handler: Handler<Schema>): void
  start(): Promise<void>
  stop(): Promise<void>
}

export interface BusOptions {
  /** The service's name, as `writers` of the events that it says. */
  readonly service: string
  readonly natsUrl: string
  /** With the tables of `busMigrations` in its schema. */
  readonly database: DataSource
}

/** Connects a service to the bus. Waits for nats-server for as long as it is away. */
export async function openBus({ service, natsUrl, database }: BusOptions): Promise<Bus> {
  const nats = await connectToNats(natsUrl, service)
  const { url, schema } = placeOf(database)
  const subscriptions = new Map<string, Subscription>()
  const relay = new Relay(service, database, url, schema, nats)
  // the schema names the reader: two platforms of a test on one nats-server do not share a consumer
  const inbox = new Inbox(schema, database, nats, subscriptions)
  const encoder = new TextEncoder()

  return {
    emit: (manager, event, data) => writeToOutbox(manager, service, event, data),

    telemetry: (event, init) => {
      if (!definitionOf(event).telemetry) throw new Error(`${event.typeName} is no telemetry: emit it`)
      const data = encodeEvent(event, init)
      const projectId = projectIdOf(event, data)
      const entityId = entityIdOf(event, data)
      const envelope = {
        id: randomUUID(),
        type: typeOf(event),
        source: `/ymir/${service}`,
        time: new Date().toISOString(),
        subject: entityId,
        projectId,
        actorId: actorOf(data),
      }
      if (nats.isClosed()) return
      nats.publish(subjectOf(service, event, projectId, entityId), encoder.encode(JSON.stringify(data)), {
        headers: toHeaders(envelope),
      })
    },

    handle: <Schema extends EventSchema>(event: Schema, handler: Handler<Schema>) => {
      const type = typeOf(event)
      if (subscriptions.has(type))
        throw new Error(`${service} already handles ${type}: one handler for each event`)
      // the type in the envelope chose this subscription, so the event has its shape
      subscriptions.set(type, {
        schema: event,
        handle: (data, occurrence) => handler(data as MessageShape<Schema>, occurrence),
      })
    },

    start: async () => {
      await ensureStreams(await nats.jetstreamManager())
      relay.start()
      if (subscriptions.size) inbox.start()
    },

    stop: async () => {
      await inbox.stop()
      await relay.stop()
      await nats.drain()
    },
  }
}

function placeOf(database: DataSource): { url: string; schema: string } {
  const { options } = database
  if (options.type !== 'postgres' || !options.url || !options.schema)
    throw new Error('the bus needs a database opened with openDatabase')
  return { url: options.url, schema: options.schema }
}
