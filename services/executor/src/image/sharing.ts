import type { GraphClient } from '@ymir/graphql'
import { JobProblem } from '../job/failure.ts'
import type { Job } from '../job/job.entity.ts'
import { keepTrying } from '../job/keep-trying.ts'
import type { ExecutorImage } from './image.entity.ts'

/** Who stands behind a job. */
export interface Requesters {
  isAdministrator(job: Pick<Job, 'id' | 'actorId'>): Promise<boolean>
}

const requesterQuery = /* GraphQL */ `
  query RequesterOfJob($id: ID!) {
    job(id: $id) {
      requestedBy {
        role
      }
    }
  }
`

interface Answer {
  job: { requestedBy: { role: string } | null } | null
}

/** As identity knows them, through the federated graph; waits for it while it is away. */
export function requestersInTheGraph(graph: GraphClient): Requesters {
  return {
    isAdministrator: async ({ id }) => {
      const { job } = await keepTrying(`the requester of job ${id}`, () =>
        graph.query<Answer>(requesterQuery, { id }),
      )
      return job?.requestedBy?.role === 'ADMINISTRATOR'
    },
  }
}

/**
 * Other services ask for jobs on their users' behalf: here, not in the graph, is where nobody gets around it. Identity is
 * asked only about images that are not shared.
 * @throws JobProblem BAD_CONFIGURATION when the image is not shared and no administrator asks
 */
export async function requireMayUse(
  { name, shared }: Pick<ExecutorImage, 'name' | 'shared'>,
  job: Pick<Job, 'id' | 'actorId'>,
  requesters: Requesters,
): Promise<void> {
  if (shared || (await requesters.isAdministrator(job))) return
  throw new JobProblem(
    'BAD_CONFIGURATION',
    `the executor image "${name}" is not shared: only administrators may use it`,
    { advice: 'Choose another image, or ask an administrator to share this one.' },
  )
}
