import { waitUntil } from '@ymir/service'
import type { Client } from 'graphql-ws'

/** What a subscription gave so far. */
export interface Received<Payload> {
  readonly payloads: Payload[]
  /** The error that ended it. */
  readonly failure: () => unknown
  readonly isComplete: () => boolean
  stop(): void
  /** Waits until some payload fits. */
  until(what: string, fits: (payloads: readonly Payload[]) => boolean, timeoutMs?: number): Promise<void>
}

/** Subscribes and collects; a payload is the value of the one field of the subscription. */
export function subscribe<Payload>(
  client: Client,
  query: string,
  variables: Record<string, unknown> = {},
): Received<Payload> {
  const payloads: Payload[] = []
  let failure: unknown
  let isComplete = false
  const stop = client.subscribe<Record<string, Payload>>(
    { query, variables },
    {
      next: ({ data, errors }) => {
        if (errors) failure = errors
        const [payload] = Object.values(data ?? {})
        if (payload) payloads.push(payload)
      },
      error: (error) => (failure = error),
      complete: () => (isComplete = true),
    },
  )
  return {
    payloads,
    failure: () => failure,
    isComplete: () => isComplete,
    stop,
    until: async (what, fits, timeoutMs = 10_000) => {
      await waitUntil(
        `${what}; got ${JSON.stringify(payloads.slice(-3))} ${failure ? JSON.stringify(failure) : ''}`,
        () => fits(payloads),
        { timeoutMs },
      )
    },
  }
}
