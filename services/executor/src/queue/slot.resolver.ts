import { Ctx, Field, ID, ObjectType, Query, registerEnumType, Resolver } from 'type-graphql'
import type { ExecutorContext } from '../context.ts'
import { Job } from '../job/job.entity.ts'
import { findJob } from '../job/job.resolver.ts'

const SlotKind = { CPU: 'CPU', GPU: 'GPU' } as const
type SlotKind = keyof typeof SlotKind
registerEnumType(SlotKind, { name: 'SlotKind', description: 'What a slot gives a job.' })

@ObjectType({ description: 'A place for one job on the machine of the executor.' })
export class Slot {
  @Field(() => ID, { description: 'For example `cpu:0` or `gpu:2`.' })
  id!: string

  @Field(() => SlotKind)
  kind!: SlotKind

  @Field(() => String)
  name!: string

  @Field(() => Boolean)
  busy!: boolean

  @Field(() => Job, { nullable: true, description: 'The job that holds it, when you may see that job.' })
  busyWith?: Job | null
}

@Resolver(() => Slot)
export class SlotResolver {
  @Query(() => [Slot], { description: 'The slots for jobs, busy or free; any signed-in user.' })
  async slots(@Ctx() context: ExecutorContext): Promise<Slot[]> {
    const { access, caller, dispatcher } = context
    if (caller.kind !== 'service') access.requireSignedIn()
    const holders = dispatcher.holders()
    return Promise.all(
      dispatcher.slots.map(async ({ id, kind, name }) => {
        const jobId = holders.get(id)
        const job = jobId ? await findJob(jobId, context) : null
        const visible = job && (await access.mayInProject(job.projectId, 'VIEWER'))
        return { id, kind, name, busy: Boolean(jobId), busyWith: visible ? job : null }
      }),
    )
  }
}
