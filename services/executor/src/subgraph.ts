import type { Subgraph } from '@ymir/graphql'
import type { ExecutorContext } from './context.ts'
import { ExecutorImage } from './image/image.entity.ts'
import { ExecutorImageResolver, findImage } from './image/image.resolver.ts'
import { StoredCredentials } from './image/registry-credentials.entity.ts'
import { RegistryCredentialsResolver } from './image/registry-credentials.resolver.ts'
import { ExecutorImageRevision } from './image/revision.entity.ts'
import { Job, JobStage } from './job/job.entity.ts'
import { findJob, JobResolver } from './job/job.resolver.ts'
import { ProjectJobLimit } from './queue/project-limit.ts'
import { QueueResolver } from './queue/queue.resolver.ts'
import { SlotResolver } from './queue/slot.resolver.ts'
import { Secret } from './secret/secret.entity.ts'
import { SecretResolver } from './secret/secret.resolver.ts'

export const entities = [
  ExecutorImage,
  ExecutorImageRevision,
  StoredCredentials,
  Job,
  JobStage,
  ProjectJobLimit,
  Secret,
]

/** The executor's part of the graph: images, jobs, slots, secrets. */
export const subgraph: Subgraph = {
  name: 'executor',
  resolvers: [
    ExecutorImageResolver,
    RegistryCredentialsResolver,
    JobResolver,
    QueueResolver,
    SlotResolver,
    SecretResolver,
  ],
  references: {
    // a job is reached from a model or a mining task whose project was checked; the check here is for other paths
    Job: async ({ id }: { id: string }, context: ExecutorContext) => {
      const job = await findJob(id, context)
      return job && (await context.access.mayInProject(job.projectId, 'VIEWER')) ? job : null
    },
    // also one that is not shared: whoever sees a model or a mining task may know what it was made with
    ExecutorImage: ({ id }: { id: string }, context: ExecutorContext) => findImage(id, context),
  },
}
