import type { Subgraph } from '@ymir/graphql'
import type { ExecutorContext } from './context.ts'
import { ExecutorImage } from './image/image.entity.ts'
import { ExecutorImageResolver, findImage } from './image/image.resolver.ts'
import { Job, JobStage } from './job/job.entity.ts'
import { findJob, JobResolver } from './job/job.resolver.ts'
import { SlotResolver } from './queue/slot.resolver.ts'
import { Secret } from './secret/secret.entity.ts'
import { SecretResolver } from './secret/secret.resolver.ts'

export const entities = [ExecutorImage, Job, JobStage, Secret]

/** The executor's part of the graph: images, jobs, slots, secrets. */
export const subgraph: Subgraph = {
  name: 'executor',
  resolvers: [ExecutorImageResolver, JobResolver, SlotResolver, SecretResolver],
  references: {
    // a job is reached from a model or a mining task whose project was checked; the check here is for other paths
    Job: async ({ id }: { id: string }, context: ExecutorContext) => {
      const job = await findJob(id, context)
      return job && (await context.access.mayInProject(job.projectId, 'VIEWER')) ? job : null
    },
    ExecutorImage: ({ id }: { id: string }, context: ExecutorContext) => findImage(id, context),
  },
}
