import type { ApolloClient } from '@apollo/client'
import { save } from '../look/save.ts'
import { JobLogPartDocument } from './job.generated.ts'

/** Gives the browser the whole log of a job, however much of it the page has. */
export async function saveLog(client: ApolloClient, jobId: string): Promise<void> {
  const parts: string[] = []
  for (let offset = 0; ;) {
    const { data } = await client.query({
      query: JobLogPartDocument,
      variables: { id: jobId, offset },
      fetchPolicy: 'no-cache',
    })
    const log = data?.job?.log
    if (!log || log.nextOffset <= offset) break
    parts.push(log.text)
    offset = log.nextOffset
  }
  save(new Blob(parts, { type: 'text/plain' }), `job-${jobId}.log`)
}
