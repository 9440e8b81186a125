import { useApolloClient, useQuery } from '@apollo/client/react'
import { useEffect, useState } from 'react'
import { useLive } from '../graph/live.ts'
import { JobCourseOfDocument, JobCourseFragmentDoc, JobProgressDocument } from './job.generated.ts'
import { isOver } from './job-state.ts'

const askAgainMs = 1_000

/** A job that is kept up to date: each change of its state or progress is in the cache as it happens. */
export function useLiveJob(id: string) {
  const { cache } = useApolloClient()
  const [isTaken, setTaken] = useState(false)
  // a job just asked for is not there until the executor has taken it
  const { data, error, refetch } = useQuery(JobCourseOfDocument, {
    variables: { id },
    pollInterval: isTaken ? 0 : askAgainMs,
  })
  const job = data?.job ?? undefined
  useEffect(() => setTaken(job !== undefined), [job])
  useLive(
    JobProgressDocument,
    { jobId: id },
    {
      skip: job === undefined || isOver(job.state),
      onUpdate: ({ jobProgress: { cursor: _, __typename: __, ...change } }) => {
        const before = cache.readFragment({
          id: cache.identify({ __typename: 'Job', id }),
          fragment: JobCourseFragmentDoc,
          fragmentName: 'JobCourse',
        })
        if (before)
          cache.writeFragment({
            id: cache.identify({ __typename: 'Job', id }),
            fragment: JobCourseFragmentDoc,
            fragmentName: 'JobCourse',
            data: { ...before, ...change },
          })
        // when it started and ended is not in the update
        if (before?.state !== change.state) void refetch()
      },
    },
  )
  return { job, error, refetch }
}
