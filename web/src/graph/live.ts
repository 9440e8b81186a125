import type { OperationVariables, TypedDocumentNode } from '@apollo/client'
import { useApolloClient, useSubscription } from '@apollo/client/react'
import { useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { calmly } from './calmly.ts'
import { ProjectEventsDocument } from './project-events.generated.ts'
import { connection } from './client.ts'

/** Whether the page hears what happens: `connected`, not asked for yet (`connecting`) or `lost` and trying. */
export function useConnectionState() {
  return useSyncExternalStore(connection.subscribe, () => connection.state)
}

/**
 * Follows a subscription and resumes it by its cursor.
 * @param onUpdate called with each payload, in order; what has an id is in the cache already
 * @param skip do not follow, e.g. because the job has ended
 */
export function useLive<Data, Variables extends OperationVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  { onUpdate, skip = false }: { onUpdate?: (update: Data) => void; skip?: boolean } = {},
) {
  return useSubscription<Data, OperationVariables>(document, {
    variables,
    skip,
    ignoreResults: onUpdate !== undefined,
    onData: ({ data: { data } }) => data && onUpdate?.(data),
  })
}

const calmMs = 250
/** So much may this computer's clock be ahead of the server's without a gap. */
const clockSlackMs = 5_000

/** Reads everything that this page shows anew when something happens in the project, at most four times a second. */
export function useProjectNews(projectId: string | undefined): void {
  const client = useApolloClient()
  const reader = useMemo(() => calmly(() => client.refetchQueries({ include: 'active' }), calmMs), [client])
  useEffect(() => reader.stop, [reader])
  // from before the page asked for what it shows: what happens between its answer and the first news is news too
  const [after] = useState(() => new Date(Date.now() - clockSlackMs).toISOString())
  useLive(
    ProjectEventsDocument,
    { projectId: projectId ?? '', after },
    { skip: projectId === undefined, onUpdate: reader.news },
  )
}
