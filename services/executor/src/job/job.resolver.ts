import { Connection, ConnectionArguments, GraphQLJSON, keysetPage, notFound, type Page } from '@ymir/graphql'
import { waitUntil } from '@ymir/service'
import { IsObject, IsOptional, Max, Min } from 'class-validator'
import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Field,
  FieldResolver,
  Float,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  registerEnumType,
  Resolver,
  Root,
} from 'type-graphql'
import { In } from 'typeorm'
import { z } from 'zod'
import { jobFolders } from '../contract/layout.ts'
import type { ExecutorContext } from '../context.ts'
import { ExecutorImage } from '../image/image.entity.ts'
import { findImage } from '../image/image.resolver.ts'
import { Project, User } from '../stubs.ts'
import { logEnd, longestPartBytes, readLog } from '../log/read-log.ts'
import { LogStream } from '../log/log-stream.ts'
import { ResourcesView } from '../resource/resources.type.ts'
import { JobTensorboard, tensorboardOf } from '../tensorboard/tensorboard.type.ts'
import { isTerminal, JobState } from './job.ts'
import { Job, JobStage } from './job.entity.ts'
import { retryJob } from './retry.ts'
import { scalarSeries, ScalarSeries } from './scalars.ts'

const JobConnection = Connection('Job', () => Job)

registerEnumType(LogStream, { name: 'LogStream', description: 'Where an image printed something.' })

@ObjectType('LogPiece', { description: 'Text of one stream in a job’s log.' })
export class LogPieceView {
  @Field(() => LogStream)
  stream!: LogStream

  @Field(() => Float, { description: 'Where it starts in the log, in bytes.' })
  offset!: number

  @Field(() => String)
  text!: string
}

@ObjectType({ description: 'A piece of a job’s log.' })
export class LogChunk {
  @Field(() => String)
  text!: string

  @Field(() => [LogPieceView], { description: 'The same text, with the streams apart.' })
  pieces!: LogPieceView[]

  @Field(() => Float, { description: 'Where it starts, in bytes.' })
  offset!: number

  @Field(() => Float, { description: 'Ask from here for what follows.' })
  nextOffset!: number

  @Field(() => Boolean, { description: 'The job has ended and nothing follows.' })
  end!: boolean
}

@ArgsType()
class LogArguments {
  @Min(0)
  @Field(() => Float, { defaultValue: 0, description: 'In bytes.' })
  offset!: number

  @Min(4)
  @Max(longestPartBytes)
  @Field(() => Int, { defaultValue: longestPartBytes, description: 'Bytes at most.' })
  limit!: number

  @Field(() => LogStream, {
    nullable: true,
    description: 'Only what was printed there; offsets are those of the whole log, and a chunk may be empty.',
  })
  stream?: LogStream | null
}

@ArgsType()
class JobsArguments extends ConnectionArguments {
  @Field(() => ID, {
    nullable: true,
    description: 'Left out: those of all projects of which you are a member; administrators: of all.',
  })
  projectId?: string | null

  @Field(() => [JobState], { nullable: true })
  states?: JobState[] | null

  @Field(() => Boolean, { defaultValue: false, description: 'Only those that run on your behalf.' })
  mine!: boolean
}

@InputType()
export class CancelJobInput {
  @Field(() => ID)
  id!: string
}

@ObjectType()
export class CancelJobPayload {
  @Field(() => Job)
  job!: Job
}

@InputType()
export class RetryJobInput {
  @Field(() => ID)
  id!: string

  @IsOptional()
  @IsObject()
  @Field(() => GraphQLJSON, {
    nullable: true,
    description: 'Over those of the job, e.g. a smaller batch_size after it was out of memory.',
  })
  parameters?: Record<string, unknown> | null

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether a training goes on from the last stage that the job saved, where its image can.',
  })
  fromLastStage!: boolean
}

@ObjectType()
export class RetryJobPayload {
  @Field(() => Job, { description: 'The new job.' })
  job!: Job
}

/** A cancelled job is over within five seconds. */
const cancelPatienceMs = 5_000

@Resolver(() => Job)
export class JobResolver {
  @Query(() => Job, { nullable: true, description: 'For members of its project.' })
  async job(@Arg('id', () => ID) id: string, @Ctx() context: ExecutorContext): Promise<Job | null> {
    const job = await findJob(id, context)
    if (job) await context.access.requireProject(job.projectId, 'VIEWER')
    return job
  }

  @Query(() => JobConnection, { description: 'Newest first.' })
  async jobs(
    @Args(() => JobsArguments) { projectId, states, mine, ...page }: JobsArguments,
    @Ctx() { access, database }: ExecutorContext,
  ): Promise<Page<Job>> {
    if (projectId) await access.requireProject(projectId, 'VIEWER')
    const query = database.getRepository(Job).createQueryBuilder('job').where('true')
    if (projectId) query.andWhere('job.projectId = :projectId', { projectId })
    if (!projectId && !access.isAdministrator())
      query.andWhere('job.projectId = any(:readable)', {
        readable: Object.keys(access.requireSignedIn().memberships),
      })
    if (mine) query.andWhere('job.actorId = :userId', { userId: access.requireSignedIn().userId })
    if (states) query.andWhere({ state: In(states) })
    return keysetPage(query, page, { key: 'queuedAt' })
  }

  @Mutation(() => CancelJobPayload, {
    description:
      'Ends a job, in whatever state it is, within five seconds; twice is harmless. Editors of its project.',
  })
  async cancelJob(
    @Arg('input', () => CancelJobInput) { id }: CancelJobInput,
    @Ctx() context: ExecutorContext,
  ): Promise<CancelJobPayload> {
    const { access, database, dispatcher } = context
    const job = await findJob(id, context)
    if (!job) throw notFound('job', id)
    await access.requireProject(job.projectId, 'EDITOR')
    await dispatcher.cancel(id)
    const over = async () => {
      const now = await database.getRepository(Job).findOneByOrFail({ id })
      return isTerminal(now.state) && now
    }
    return { job: await waitUntil(`job ${id} to end`, over, { timeoutMs: cancelPatienceMs }) }
  }

  @Mutation(() => RetryJobPayload, {
    description:
      'Tries a job again that failed or was cancelled, as a new job: the model, mining task, evaluation or inference ' +
      'that waited for the old one waits for the new one. Editors of its project.',
  })
  async retryJob(
    @Arg('input', () => RetryJobInput) { id, parameters, fromLastStage }: RetryJobInput,
    @Ctx() context: ExecutorContext,
  ): Promise<RetryJobPayload> {
    const { access, database, bus, dispatcher } = context
    const actorId = access.requireSignedIn().userId
    const old = await findJob(id, context)
    if (!old) throw notFound('job', id)
    await access.requireProject(old.projectId, 'EDITOR')
    const retry = { parameters: parameters ?? {}, fromLastStage, actorId }
    const job = await retryJob(database.manager, bus, dispatcher, old, retry)
    void dispatcher.wake()
    return { job }
  }

  @FieldResolver(() => Job, { nullable: true, description: 'The job that this one tries again.' })
  retryOf(@Root() { retryOfId }: Job, @Ctx() context: ExecutorContext): Promise<Job | null> | null {
    return retryOfId ? findJob(retryOfId, context) : null
  }

  @FieldResolver(() => ExecutorImage, {
    nullable: true,
    description: 'Null when there never was such an image.',
  })
  executorImage(@Root() job: Job, @Ctx() context: ExecutorContext): Promise<ExecutorImage | null> {
    return findImage(job.executorImageId, context)
  }

  @FieldResolver(() => Project, {
    nullable: true,
    description: 'Null when the project is gone, or its service does not answer.',
  })
  project(@Root() { projectId }: Job): Project {
    return { id: projectId }
  }

  @FieldResolver(() => User, { nullable: true, description: 'On whose behalf it runs.' })
  requestedBy(@Root() { actorId }: Job): User | null {
    return actorId ? { id: actorId } : null
  }

  @FieldResolver(() => GraphQLJSON, { description: 'Given over the defaults of the image’s template.' })
  parameters(@Root() { request }: Job): Readonly<Record<string, unknown>> {
    return request.parameters
  }

  @FieldResolver(() => [ScalarSeries], { description: 'Numbers logged for TensorBoard so far, by tag.' })
  scalars(
    @Root() { id }: Job,
    @Arg('tags', () => [String], { nullable: true, description: 'Only these.' }) tags: string[] | null,
    @Ctx() { database }: ExecutorContext,
  ): Promise<ScalarSeries[]> {
    return scalarSeries(database, id, tags ?? undefined)
  }

  @FieldResolver(() => LogChunk, { description: 'What the image printed; secrets are ***.' })
  async log(
    @Root() { id, state }: Job,
    @Args(() => LogArguments) { offset, limit, stream }: LogArguments,
    @Ctx() { jobsFolder }: ExecutorContext,
  ): Promise<LogChunk> {
    const path = jobFolders(jobsFolder, id).log
    const part = await readLog(path, Math.floor(offset), { limit })
    const pieces = part.pieces.filter((piece) => !stream || piece.stream === stream)
    return {
      text: pieces.map(({ text }) => text).join(''),
      pieces,
      offset: part.offset,
      nextOffset: part.nextOffset,
      end: isTerminal(state) && part.nextOffset >= (await logEnd(path)),
    }
  }

  @FieldResolver(() => ResourcesView, {
    nullable: true,
    description: 'The newest measurement; null unless RUNNING, and where the driver cannot measure.',
  })
  resources(@Root() { id }: Job, @Ctx() { resources }: ExecutorContext): ResourcesView | null {
    const latest = resources.get(id)
    return latest ? { ...latest, gpus: [...latest.gpus] } : null
  }

  @FieldResolver(() => JobTensorboard, { description: 'What the image wrote for TensorBoard.' })
  tensorboard(@Root() { id }: Job, @Ctx() context: ExecutorContext): Promise<JobTensorboard> {
    return tensorboardOf(id, context)
  }

  @FieldResolver(() => [JobStage], { description: 'Checkpoints saved so far, in order.' })
  stages(@Root() { id }: Job, @Ctx() { database }: ExecutorContext): Promise<JobStage[]> {
    return database
      .getRepository(JobStage)
      .find({ where: { jobId: id }, order: { savedAt: 'ASC', name: 'ASC' } })
  }
}

/** One query for all jobs that a request needs; whether the caller may see them is another question. */
export function findJob(id: string, { loader, database }: ExecutorContext): Promise<Job | null> {
  const jobs = loader<string, Job | null>('job', async (ids) => {
    const valid = ids.filter((one) => z.guid().safeParse(one).success)
    const rows = await database.getRepository(Job).findBy({ id: In(valid) })
    const byId = new Map(rows.map((row) => [row.id, row]))
    return ids.map((one) => byId.get(one) ?? null)
  })
  return jobs.load(id)
}
