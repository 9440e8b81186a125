import { Ctx, Field, Float, ID, Int, ObjectType, Query, registerEnumType, Resolver } from 'type-graphql'
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

  @Field(() => Boolean, {
    description:
      'Somebody else than our jobs computes on its GPU. A GPU that no job holds is then not given out until they leave.',
  })
  inUseByOthers!: boolean

  @Field(() => Boolean, {
    description: 'Whether the GPU answers; one that does not is not given out. Always true for a CPU slot.',
  })
  available!: boolean

  @Field(() => Int, { nullable: true, description: 'Memory of the GPU.' })
  memoryMegabytes!: number | null

  @Field(() => Int, {
    nullable: true,
    description: 'Of it in use, by whomever; null when the GPU does not tell.',
  })
  memoryUsedMegabytes!: number | null

  @Field(() => Float, {
    nullable: true,
    description: 'How busy the GPU was in the last second, 0 to 1; null when it does not tell.',
  })
  utilisation!: number | null
}

@Resolver(() => Slot)
export class SlotResolver {
  @Query(() => [Slot], { description: 'The slots for jobs, busy or free; any signed-in user.' })
  async slots(@Ctx() context: ExecutorContext): Promise<Slot[]> {
    const { access, caller, dispatcher } = context
    if (caller.kind !== 'service') access.requireSignedIn()
    const states = await dispatcher.slotsNow()
    return Promise.all(
      states.map(async (state) => {
        const { id, kind, name, jobId, gpu, reading } = state
        const job = jobId ? await findJob(jobId, context) : null
        const visible = job && (await access.mayInProject(job.projectId, 'VIEWER'))
        return {
          id,
          kind,
          name,
          busy: Boolean(jobId),
          busyWith: visible ? job : null,
          inUseByOthers: await dispatcher.isUsedByOthers(state),
          available: kind === 'CPU' || Boolean(reading),
          memoryMegabytes: gpu?.memoryMegabytes ?? null,
          memoryUsedMegabytes: reading?.memoryUsedMegabytes ?? null,
          utilisation: reading?.utilisation ?? null,
        }
      }),
    )
  }
}
