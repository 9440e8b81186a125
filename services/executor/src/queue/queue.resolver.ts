import { DomainError, GraphQLDateTime, notFound } from '@ymir/graphql'
import { IsInt, IsOptional, Max, MaxLength, Min } from 'class-validator'
import {
  Arg,
  Ctx,
  Field,
  FieldResolver,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql'
import type { ExecutorContext } from '../context.ts'
import { Job } from '../job/job.entity.ts'
import { findJob } from '../job/job.resolver.ts'
import type { Standing } from './board.ts'
import { moveBefore, setPriority, type Mover } from './move.ts'
import { largestLimit, limitOf, setProjectJobLimit } from './project-limit.ts'

@InputType()
export class MoveQueuedJobInput {
  @MaxLength(100)
  @Field(() => ID, { description: 'The job to move; QUEUED.' })
  id!: string

  @MaxLength(100)
  @Field(() => ID, { description: 'The job that it will be right before; QUEUED.' })
  before!: string
}

@InputType()
export class SetJobPriorityInput {
  @MaxLength(100)
  @Field(() => ID, { description: 'A job that is QUEUED.' })
  id!: string

  @IsInt()
  @Min(-100)
  @Max(100)
  @Field(() => Int, { description: '-100 to 100; higher starts first, 0 is usual.' })
  priority!: number
}

@ObjectType({ description: 'A job that was given another place in the queue.' })
export class QueuedJobPayload {
  @Field(() => Job)
  job!: Job
}

@InputType()
export class SetProjectJobLimitInput {
  @MaxLength(100)
  @Field(() => ID)
  projectId!: string

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(largestLimit)
  @Field(() => Int, { nullable: true, description: 'Jobs at once, 1000 at most; null: no limit.' })
  limit?: number | null
}

@ObjectType({ description: 'How many jobs of a project may hold slots at once.' })
export class ProjectJobLimitPayload {
  @Field(() => ID)
  projectId!: string

  @Field(() => Int, { nullable: true, description: 'null: no limit.' })
  limit!: number | null
}

/** The queue: where a waiting job stands, and what is done about it. */
@Resolver(() => Job)
export class QueueResolver {
  @FieldResolver(() => Int, { nullable: true, description: '1: next to start; null unless QUEUED.' })
  async queuePlace(@Root() job: Job, @Ctx() context: ExecutorContext): Promise<number | null> {
    return (await standingOf(job, context))?.place ?? null
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'What it waits for, e.g. `2 jobs before it`, `the project’s limit of 1 job`, `2 GPUs, 1 free`; null unless QUEUED, and when it is about to start.',
  })
  async waitingFor(@Root() job: Job, @Ctx() context: ExecutorContext): Promise<string | null> {
    return (await standingOf(job, context))?.waitingFor ?? null
  }

  @FieldResolver(() => GraphQLDateTime, {
    nullable: true,
    description:
      'When it is expected to start, from the progress of the jobs at work and the usual duration of those before it; null unless QUEUED, and when nobody knows.',
  })
  async estimatedStart(@Root() job: Job, @Ctx() context: ExecutorContext): Promise<Date | null> {
    return (await standingOf(job, context))?.estimatedStart ?? null
  }

  @Query(() => Int, {
    nullable: true,
    description: 'How many jobs of a project may hold slots at once; null: no limit. Members of the project.',
  })
  async projectJobLimit(
    @Arg('projectId', () => ID) projectId: string,
    @Ctx() { access, database, dispatcher }: ExecutorContext,
  ): Promise<number | null> {
    await access.requireProject(projectId, 'VIEWER')
    return limitOf(database, projectId, dispatcher.usualLimit)
  }

  @Mutation(() => ProjectJobLimitPayload, {
    description:
      'Sets how many jobs of a project may hold slots at once. Those at work go on; those that wait for it hold up nobody else. Administrators.',
  })
  async setProjectJobLimit(
    @Arg('input', () => SetProjectJobLimitInput) { projectId, limit = null }: SetProjectJobLimitInput,
    @Ctx() context: ExecutorContext,
  ): Promise<ProjectJobLimitPayload> {
    const { access, database, bus, dispatcher } = context
    access.requireAdministrator()
    await setProjectJobLimit(database, bus, { projectId, limit, actorId: moverOf(context).actorId })
    await dispatcher.wake()
    return { projectId, limit }
  }

  @Mutation(() => QueuedJobPayload, {
    description:
      'Puts a waiting job right before another one of its project; twice is harmless. Editors of the project. Before a job of another project or priority it takes that one’s turn and priority: administrators. CONFLICT when one of the two does not wait any more.',
  })
  async moveQueuedJob(
    @Arg('input', () => MoveQueuedJobInput) { id, before }: MoveQueuedJobInput,
    @Ctx() context: ExecutorContext,
  ): Promise<QueuedJobPayload> {
    const { access, dispatcher } = context
    const job = await findJob(id, context)
    if (!job) throw notFound('job', id)
    await access.requireProject(job.projectId, 'EDITOR')
    const moved = await moveBefore(context, { id, beforeId: before }, moverOf(context))
    await dispatcher.wake()
    return { job: moved }
  }

  @Mutation(() => QueuedJobPayload, {
    description:
      'Sets the priority of a waiting job; administrators. CONFLICT when it does not wait any more.',
  })
  async setJobPriority(
    @Arg('input', () => SetJobPriorityInput) { id, priority }: SetJobPriorityInput,
    @Ctx() context: ExecutorContext,
  ): Promise<QueuedJobPayload> {
    const { access, dispatcher } = context
    access.requireAdministrator()
    const job = await setPriority(context, { id, priority }, moverOf(context))
    await dispatcher.wake()
    return { job }
  }
}

/** One look at the board for all jobs of a request. */
async function standingOf(
  { id, state }: Job,
  { loader, dispatcher }: ExecutorContext,
): Promise<Standing | undefined> {
  if (state !== 'QUEUED') return undefined
  const standings = loader<string, Standing | undefined>('standing', (ids) => dispatcher.standingsOf(ids))
  return standings.load(id)
}

function moverOf({ caller }: ExecutorContext): Mover {
  if (caller.kind === 'service') return { actorId: `service:${caller.name}`, isAdministrator: true }
  if (caller.kind === 'user')
    return { actorId: caller.userId, isAdministrator: caller.role === 'ADMINISTRATOR' }
  throw new DomainError('UNAUTHENTICATED', 'sign in first')
}
