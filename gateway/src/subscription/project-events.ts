import type { FeedEvent } from '@ymir/bus'
import { DomainError, notFound } from '@ymir/graphql'
import { z } from 'zod'
import { livesOf, type Position } from '../feed/position.ts'
import { Bell } from './bell.ts'
import type { Following, SubscriptionContext, Update } from './context.ts'
import { cursors, positionShape } from './cursor.ts'

const projectQuery = /* GraphQL */ `
  query ProjectOfEvents($id: ID!) {
    project(id: $id) {
      id
    }
  }
`

const cursor = cursors('projectEvents', z.object({ position: positionShape }))
const rfc3339 = z.iso.datetime({ offset: true })

/** Every event of a project, from now on, or from a cursor or a time on. Does not end by itself. */
export async function* projectEvents({ id, after, context, signal }: Following): AsyncGenerator<Update> {
  const topic = { projectId: id }
  const { facts } = context
  const reader = facts.read(topic, await startOf(id, after, context))
  const bell = new Bell()
  const stopListening = facts.listen(topic, bell.ring)
  signal.addEventListener('abort', bell.ring)
  try {
    await requireProject(id, context)
    while (!signal.aborted) {
      for (let fact = await reader.next(); fact && !signal.aborted; fact = await reader.next()) {
        const { position } = reader
        yield { ...fieldsOf(fact, position), cursor: () => cursor.write(id, { position }) }
      }
      await bell.rings()
    }
  } finally {
    stopListening()
    signal.removeEventListener('abort', bell.ring)
  }
}

async function startOf(id: string, after: Following['after'], { facts }: SubscriptionContext) {
  if (!after) return facts.now()
  if (rfc3339.safeParse(after).success) return facts.since(Date.parse(after))
  const { position } = cursor.read(id, after)
  if (await facts.canResume(position)) return position
  throw new DomainError(
    'CURSOR_EXPIRED',
    'the cursor is older than the events that are kept (7 days): read the project anew and subscribe without `after`',
    { field: 'after' },
  )
}

async function requireProject(id: string, { graph, subscriber }: SubscriptionContext): Promise<void> {
  const { project } = await graph.query<{ project: object | null }>(
    projectQuery,
    { id },
    subscriber.context(),
  )
  if (!project) throw notFound('project', id)
}

function fieldsOf({ envelope, data }: FeedEvent, position: Position) {
  return {
    key: `event ${envelope.id} ${livesOf(position)}`,
    id: envelope.id,
    type: envelope.type,
    time: envelope.time,
    entityId: envelope.subject,
    actorId: envelope.actorId || null,
    data,
  }
}
