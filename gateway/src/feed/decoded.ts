import type { FeedEvent } from '@ymir/bus'
import { log } from '@ymir/service'
import { decodeEvent, InvalidEvent, typeOf, type EventSchema, type MessageShape } from '@ymir/proto-events'

const known = new WeakMap<FeedEvent, unknown>()

/**
 * The event as a message if it is of this kind, else undefined. Decoded once for all who read it; one that breaks its
 * contract is left out, so that it ends nobody's subscription.
 */
export function decoded<Schema extends EventSchema>(
  event: FeedEvent,
  schema: Schema,
): MessageShape<Schema> | undefined {
  if (event.envelope.type !== typeOf(schema)) return undefined
  if (!known.has(event)) known.set(event, decode(event, schema))
  return known.get(event) as MessageShape<Schema> | undefined // an event has one type, hence one schema
}

function decode(event: FeedEvent, schema: EventSchema): unknown {
  try {
    return decodeEvent(schema, event.data as never) // it was parsed from JSON; decodeEvent checks its shape
  } catch (error) {
    if (!(error instanceof InvalidEvent)) throw error
    log.warn(`event ${event.envelope.id} is left out: ${error.message}`)
    return undefined
  }
}
