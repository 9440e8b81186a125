import { setTimeout as delay } from 'node:timers/promises'
import { notFound } from '@ymir/graphql'
import type { SubscriptionContext } from './context.ts'

/** In ms: three seconds in all, so that a wrong id is told soon. */
const waits = [100, 200, 400, 800, 1_500]

/**
 * Asks the graph for a job. Who requested a job has its id before the event of it has reached the executor, so a job that
 * is not there is looked for again for a short while.
 * @throws NOT_FOUND
 */
export async function readJob<Job>(
  query: string,
  variables: { readonly id: string; readonly [name: string]: unknown },
  { graph, subscriber }: SubscriptionContext,
): Promise<Job> {
  for (const wait of [...waits, undefined]) {
    const { job } = await graph.query<{ job: Job | null }>(query, variables, subscriber.context())
    if (job) return job
    if (wait) await delay(wait)
  }
  throw notFound('job', variables.id)
}
