import type { ApolloClient } from '@apollo/client'
import { CombinedGraphQLErrors } from '@apollo/client/errors'
import { useApolloClient } from '@apollo/client/react'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { connection } from '../../graph/client.ts'
import type { ItemAnnotationInput } from '../../graph/schema.generated.ts'
import type { Drawn } from '../drawing/sheet.ts'
import {
  ClaimAheadDocument,
  ReleaseLabellingItemDocument,
  SaveLabellingDraftDocument,
  SkipLabellingItemDocument,
  SubmitLabelledItemDocument,
} from '../label.generated.ts'
import { Desk, type Claims } from './desk.ts'
import { Drafts } from './drafts.ts'
import { Outbox, type Answer } from './outbox.ts'
import { prefetch } from './prefetch.ts'

/** The labeller's desk for a task, and the answers on their way. */
export function useDesk(taskId: string, userId: string) {
  const client = useApolloClient()
  const [{ desk, outbox, drafts }] = useState(() => {
    const outbox = new Outbox(localStorage, userId, (answer) => send(client, answer), isRefusal)
    const drafts = new Drafts(
      localStorage,
      userId,
      (itemId, annotations) => saveDraft(client, itemId, annotations),
      // the draft stays in the browser; that it is somebody else's image now is told when it is answered
      () => {},
    )
    return { outbox, drafts, desk: new Desk(taskId, claimsOf(client, taskId), outbox, drafts) }
  })
  useEffect(() => {
    desk.open()
    const wake = () => {
      outbox.wake()
      void desk.fill()
      void drafts.flush()
    }
    addEventListener('online', wake)
    const stopListening = connection.onReconnected(wake)
    return () => {
      removeEventListener('online', wake)
      stopListening()
      desk.leave()
    }
  }, [desk, outbox, drafts])
  return {
    desk,
    outbox,
    onDesk: useSyncExternalStore(desk.subscribe, () => desk.state),
    onTheWay: useSyncExternalStore(outbox.subscribe, () => outbox.state),
  }
}

function claimsOf(client: ApolloClient, taskId: string): Claims {
  return {
    async claim(first) {
      const { data } = await client.mutate({
        mutation: ClaimAheadDocument,
        variables: { taskId, first },
        fetchPolicy: 'no-cache',
      })
      return data?.claimItems.items ?? []
    },
    async release(itemId) {
      await client.mutate({ mutation: ReleaseLabellingItemDocument, variables: { itemId } })
    },
    prefetch,
  }
}

async function send(client: ApolloClient, answer: Answer): Promise<void> {
  const { itemId } = answer
  if ('skipReason' in answer) {
    const input = { itemId, reason: answer.skipReason }
    await client.mutate({ mutation: SkipLabellingItemDocument, variables: { input } })
    return
  }
  const input = { itemId, annotations: answer.annotations.map(asInput) }
  await client.mutate({ mutation: SubmitLabelledItemDocument, variables: { input } })
}

async function saveDraft(client: ApolloClient, itemId: string, drawn: readonly Drawn[]): Promise<void> {
  const input = { itemId, annotations: drawn.map(asInput) }
  await client.mutate({ mutation: SaveLabellingDraftDocument, variables: { input } })
}

/** A box as the graph takes it: what it told of a box has `__typename` in it. */
export function asInput({ label, difficult, truncated, crowd, box, rotation }: Drawn): ItemAnnotationInput {
  const { x, y, width, height } = box
  return { label, difficult, truncated, crowd, box: { x, y, width, height }, rotation: rotation ?? null }
}

const refusals = new Set<unknown>(['CONFLICT', 'BAD_USER_INPUT', 'NOT_FOUND', 'FORBIDDEN'])

/** Whether the platform said no; everything else is a matter of the connection, and of time. */
function isRefusal(error: unknown): boolean {
  return (
    CombinedGraphQLErrors.is(error) && error.errors.some(({ extensions }) => refusals.has(extensions?.code))
  )
}
