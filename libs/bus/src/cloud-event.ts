import { headers, type MsgHdrs } from 'nats'

/** What surrounds an event's data: CloudEvents 1.0 attributes and our extensions, in NATS binary mode (`ce-` headers). */
export interface Envelope {
  readonly id: string
  readonly type: string
  /** `/ymir/<service>` */
  readonly source: string
  /** RFC 3339, when it became true. */
  readonly time: string
  /** The entity's id. */
  readonly subject: string
  readonly projectId: string
  /** Who caused it; may be empty. */
  readonly actorId: string
}

export function toHeaders(envelope: Envelope): MsgHdrs {
  const to = headers()
  to.set('ce-specversion', '1.0')
  to.set('ce-id', envelope.id)
  to.set('ce-type', envelope.type)
  to.set('ce-source', envelope.source)
  to.set('ce-time', envelope.time)
  to.set('ce-subject', envelope.subject)
  to.set('ce-projectid', envelope.projectId)
  if (envelope.actorId) to.set('ce-actorid', envelope.actorId)
  to.set('content-type', 'application/json')
  return to
}

/** Reads the envelope of a message; undefined when it is no CloudEvent. */
export function fromHeaders(from: MsgHdrs | undefined): Envelope | undefined {
  if (!from?.get('ce-id') || !from.get('ce-type')) return undefined
  return {
    id: from.get('ce-id'),
    type: from.get('ce-type'),
    source: from.get('ce-source'),
    time: from.get('ce-time'),
    subject: from.get('ce-subject'),
    projectId: from.get('ce-projectid'),
    actorId: from.get('ce-actorid'),
  }
}
