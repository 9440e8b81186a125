import {
  DomainError,
  GraphQLDateTime,
  GraphQLJSON,
  notFound,
  type ProjectRole,
  type Subgraph,
} from '@ymir/graphql'
import {
  Arg,
  Ctx,
  Directive,
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
import type { JobRow, WorldContext } from './world.ts'

// Small services with the types that the gateway's subscriptions speak of. They are real subgraphs: signed requests,
// access rules, federation; only what lies behind them is a Map.

const enumOf = <Name extends string>(name: string, ...values: Name[]): Record<string, Name> => {
  const made = Object.fromEntries(values.map((value) => [value, value])) as Record<string, Name> // what fromEntries loses
  registerEnumType(made, { name })
  return made
}
const JobState = enumOf(
  'JobState',
  'QUEUED',
  'PREPARING',
  'RUNNING',
  'COLLECTING',
  'SUCCEEDED',
  'FAILED',
  'CANCELLED',
)
const ImportState = enumOf('ImportState', 'QUEUED', 'RUNNING', 'SUCCEEDED', 'REFUSED', 'FAILED', 'CANCELLED')
const LabellingTaskState = enumOf('LabellingTaskState', 'OPEN', 'STORING', 'SUCCEEDED', 'FAILED', 'CANCELLED')
const ExecutorImageState = enumOf('ExecutorImageState', 'PULLING', 'READY', 'FAILED')
const ModelState = enumOf('ModelState', 'TRAINING', 'EVALUATING', 'READY', 'FAILED', 'CANCELLED')

@Directive('@key(fields: "id")')
@ObjectType()
class User {
  @Field(() => ID) id!: string
  @Field(() => String) role!: string
}

@ObjectType()
class Membership {
  @Field(() => ID) projectId!: string
  @Field(() => String) role!: ProjectRole
}

@ObjectType('Caller')
class CallerType {
  @Field(() => User) user!: User
  @Field(() => [String]) scopes!: string[]
  @Field(() => [Membership]) memberships!: Membership[]
  @Field(() => GraphQLDateTime, { nullable: true }) expiresAt?: Date
  @Field(() => ID, { nullable: true }) sessionId?: string
}

@InputType()
class SignInInput {
  @Field(() => String) email!: string
  @Field(() => String) password!: string
}

@InputType()
class SignUpInput extends SignInInput {
  @Field(() => String) name!: string
}

@ObjectType()
class SessionPayload {
  @Field(() => String) token!: string
  @Field(() => GraphQLDateTime) expiresAt!: Date
}

@Resolver(() => User)
class IdentityResolver {
  @Query(() => CallerType, { nullable: true })
  caller(
    @Arg('token', () => String) token: string,
    @Ctx() { world, access }: WorldContext,
  ): CallerType | null {
    access.requireService()
    world.count('caller')
    const found = world.tokens.get(token)
    if (!found) return null
    const { userId, sessionId, expiresAt } = found
    world.count(`caller ${userId}`)
    const user = { id: userId, role: userId === 'admin' ? 'ADMINISTRATOR' : 'MEMBER' }
    return {
      user,
      scopes: ['read', 'write', 'label'],
      memberships: world.membershipsOf(userId),
      expiresAt,
      sessionId,
    }
  }

  @Query(() => GraphQLJSON, { description: 'Who asks, as this service was told.' })
  asker(@Ctx() { caller }: WorldContext): object {
    return caller
  }

  @Query(() => User, { nullable: true })
  viewer(@Ctx() { caller }: WorldContext): User | null {
    return caller.kind === 'user' ? { id: caller.userId, role: caller.role } : null
  }

  @Query(() => Membership, { nullable: true })
  membership(
    @Arg('projectId', () => ID) projectId: string,
    @Arg('userId', () => ID) userId: string,
    @Ctx() { world, access }: WorldContext,
  ): Membership | null {
    access.requireService()
    const role = world.members.get(`${userId} ${projectId}`)
    return role ? { projectId, role } : null
  }

  @Mutation(() => SessionPayload)
  signIn(
    @Arg('input', () => SignInInput) input: SignInInput,
    @Ctx() { world }: WorldContext,
  ): SessionPayload {
    if (world.passwords.get(input.email) !== input.password)
      throw new DomainError('WRONG_CREDENTIALS', 'e-mail or password is wrong')
    return openSession(world, input.email)
  }

  @Mutation(() => SessionPayload)
  signUp(
    @Arg('input', () => SignUpInput) input: SignUpInput,
    @Ctx() { world }: WorldContext,
  ): SessionPayload {
    if (world.passwords.has(input.email))
      throw new DomainError('EMAIL_TAKEN', `${input.email} has an account`, { field: 'email' })
    world.passwords.set(input.email, input.password)
    return openSession(world, input.email)
  }

  @Mutation(() => Boolean)
  signOut(@Ctx() { world, access }: WorldContext): boolean {
    const { userId } = access.requireSignedIn()
    for (const [token, owner] of world.tokens) if (owner.userId === userId) world.tokens.delete(token)
    return true
  }
}

function openSession(world: WorldContext['world'], email: string): SessionPayload {
  const expiresAt = new Date(Date.now() + 3_600_000)
  return { token: world.signIn(email.split('@')[0]!, {}, expiresAt), expiresAt }
}

@Directive('@key(fields: "id")')
@ObjectType()
class Project {
  @Field(() => ID) id!: string
  @Field(() => String) name!: string
  @Field(() => [Project]) neighbours!: Project[]
}

@Directive('@key(fields: "id")')
@ObjectType()
class Import {
  @Field(() => ID) id!: string
  @Field(() => ImportState) state!: string
  @Field(() => Float) progress!: number
  @Field(() => String, { nullable: true }) problem?: string
  @Field(() => GraphQLJSON, { nullable: true }) report?: unknown
}

@Resolver(() => Project)
class DatasetResolver {
  @Query(() => Project, { nullable: true })
  async project(@Arg('id', () => ID) id: string, @Ctx() { access }: WorldContext): Promise<Project | null> {
    if (id === 'missing') return null
    await access.requireProject(id, 'VIEWER')
    return { id, name: `project ${id}`, neighbours: [] }
  }

  @Query(() => Import, { nullable: true })
  import(@Arg('id', () => ID) id: string): Import {
    return { id, state: 'QUEUED', progress: 0 }
  }
}

@Directive('@key(fields: "id")')
@ObjectType('Project')
class ProjectOfJob {
  @Field(() => ID) id!: string
}

@ObjectType()
class JobFailure {
  @Field(() => String) code!: string
  @Field(() => String) message!: string
  @Field(() => String) advice!: string
  @Field(() => Int, { nullable: true }) exitCode?: number
  @Field(() => String) logTail!: string
}

@ObjectType()
class ScalarPoint {
  @Field(() => Int) step!: number
  @Field(() => Float) value!: number
  @Field(() => Float) wallTime!: number
}

@ObjectType()
class ScalarSeries {
  @Field(() => String) tag!: string
  @Field(() => [ScalarPoint]) points!: ScalarPoint[]
}

const LogStream = enumOf('LogStream', 'STDOUT', 'STDERR')

@ObjectType()
class LogPiece {
  @Field(() => LogStream) stream!: string
  @Field(() => Float) offset!: number
  @Field(() => String) text!: string
}

@ObjectType()
class GpuUsage {
  @Field(() => String) uuid!: string
  @Field(() => Float, { nullable: true }) utilisation?: number
  @Field(() => Float) memoryBytes!: number
}

@ObjectType()
class JobResources {
  @Field(() => GraphQLDateTime) measuredAt!: Date
  @Field(() => Float) cpuCores!: number
  @Field(() => Float) memoryBytes!: number
  @Field(() => Float, { nullable: true }) memoryLimitBytes?: number
  @Field(() => Int) processes!: number
  @Field(() => [GpuUsage]) gpus!: GpuUsage[]
}

@ObjectType()
class LogChunk {
  @Field(() => String) text!: string
  @Field(() => [LogPiece]) pieces!: LogPiece[]
  @Field(() => Float) offset!: number
  @Field(() => Float) nextOffset!: number
  @Field(() => Boolean) end!: boolean
}

@Directive('@key(fields: "id")')
@ObjectType()
class Job {
  @Field(() => ID) id!: string
  @Field(() => JobState) state!: string
  @Field(() => Int) attempt!: number
  @Field(() => Float) progress!: number
  @Field(() => String, { nullable: true }) message?: string
  @Field(() => JobFailure, { nullable: true }) failure?: JobFailure
  @Field(() => Int, { nullable: true }) queuePlace?: number
  @Field(() => GraphQLDateTime, { nullable: true }) estimatedStart?: Date
  @Field(() => String, { nullable: true }) waitingFor?: string
  @Field(() => ProjectOfJob) project!: ProjectOfJob
}

@ObjectType()
class ExecutorImageProblem {
  @Field(() => String) code!: string
  @Field(() => String) message!: string
  @Field(() => String) advice!: string
}

@Directive('@key(fields: "id")')
@ObjectType()
class ExecutorImage {
  @Field(() => ID) id!: string
  @Field(() => ExecutorImageState) state!: string
  @Field(() => Float) progress!: number
  @Field(() => ExecutorImageProblem, { nullable: true }) problem?: ExecutorImageProblem
}

@Resolver(() => Job)
class ExecutorResolver {
  @Query(() => ExecutorImage, { nullable: true })
  executorImage(@Arg('id', () => ID) id: string, @Ctx() { world }: WorldContext): ExecutorImage | null {
    return world.executorImages.get(id) ?? null
  }

  @Query(() => Job, { nullable: true })
  async job(@Arg('id', () => ID) id: string, @Ctx() { world, access }: WorldContext): Promise<Job | null> {
    world.count('job')
    const row = world.jobs.get(id)
    if (!row) return null
    await access.requireProject(row.projectId, 'VIEWER')
    return { ...row, project: { id: row.projectId } }
  }

  @Query(() => [Job])
  async jobs(
    @Arg('first', () => Int, { defaultValue: 20 }) first: number,
    @Ctx() { world, access }: WorldContext,
  ): Promise<Job[]> {
    const rows = [...world.jobs.values()].slice(0, first)
    for (const { projectId } of rows) await access.requireProject(projectId, 'VIEWER')
    return rows.map((row) => ({ ...row, project: { id: row.projectId } }))
  }

  @FieldResolver(() => [ScalarSeries])
  scalars(
    @Root() { id }: Job,
    @Arg('tags', () => [String], { nullable: true }) tags: string[] | undefined,
    @Ctx() { world }: WorldContext,
  ): ScalarSeries[] {
    const wanted = (rowOf(world.jobs, id).scalars ?? []).filter(({ tag }) => !tags || tags.includes(tag))
    return [...new Set(wanted.map(({ tag }) => tag))].map((tag) => ({
      tag,
      points: wanted.filter((one) => one.tag === tag),
    }))
  }

  @FieldResolver(() => LogChunk)
  log(
    @Root() { id }: Job,
    @Arg('offset', () => Float, { defaultValue: 0 }) offset: number,
    @Arg('limit', () => Int, { defaultValue: 65536 }) limit: number,
    @Arg('stream', () => LogStream, { nullable: true }) stream: string | null,
    @Ctx() { world }: WorldContext,
  ): LogChunk {
    world.count('log')
    const { log, pieces: known } = rowOf(world.jobs, id)
    const bytes = Buffer.from(log)
    const part = bytes.subarray(offset, offset + limit)
    const nextOffset = offset + part.length
    const told = known.filter((piece) => piece.offset >= offset && piece.offset < nextOffset)
    const pieces = told.filter((piece) => !stream || piece.stream === stream)
    const text = stream ? pieces.map((piece) => piece.text).join('') : part.toString()
    return { text, pieces, offset, nextOffset, end: nextOffset === bytes.length }
  }

  @FieldResolver(() => JobResources, { nullable: true })
  resources(@Root() { id }: Job, @Ctx() { world }: WorldContext): JobResources | null {
    return rowOf(world.jobs, id).resources ?? null
  }
}

function rowOf(jobs: ReadonlyMap<string, JobRow>, id: string): JobRow {
  const row = jobs.get(id)
  if (!row) throw notFound('job', id)
  return row
}

@Directive('@key(fields: "id")')
@ObjectType()
class ModelStage {
  @Field(() => ID) id!: string
  @Field(() => String) name!: string
  @Field(() => GraphQLDateTime) savedAt!: Date
}

@Directive('@key(fields: "id")')
@ObjectType()
class Model {
  @Field(() => ID) id!: string
  @Field(() => ModelState) state!: string
  @Field(() => [ModelStage]) stages!: ModelStage[]
}

@Directive('@key(fields: "id")')
@ObjectType('Job')
class JobOfModel {
  @Field(() => ID) id!: string
  @Field(() => String) model!: string
}

@Resolver(() => Model)
class ModelResolver {
  @Query(() => Model, { nullable: true })
  model(@Arg('id', () => ID) id: string, @Ctx() { world }: WorldContext): Model {
    const stages = [...world.stages].filter(([, { modelId }]) => modelId === id)
    return { id, state: 'TRAINING', stages: stages.map(([stageId]) => stageOf(stageId)) }
  }

  @Query(() => ModelStage, { nullable: true })
  modelStage(@Arg('id', () => ID) id: string): ModelStage {
    return stageOf(id)
  }
}

@Resolver(() => JobOfModel)
class JobOfModelResolver {
  @FieldResolver(() => String)
  model(@Root() { id }: JobOfModel, @Ctx() { world }: WorldContext): string {
    world.count('model of job')
    return `model of ${id}`
  }
}

function stageOf(id: string): ModelStage {
  return { id, name: `stage ${id}`, savedAt: new Date(Number(id.replaceAll(/\D/g, ''))) }
}

@Directive('@key(fields: "id")')
@ObjectType()
class LabellingTask {
  @Field(() => ID) id!: string
  @Field(() => LabellingTaskState) state!: string
  @Field(() => Int) itemCount!: number
  @Field(() => Int) doneCount!: number
}

@Resolver(() => LabellingTask)
class LabelingResolver {
  @Query(() => LabellingTask, { nullable: true })
  labellingTask(@Arg('id', () => ID) id: string): LabellingTask {
    return { id, state: 'OPEN', itemCount: 3, doneCount: 0 }
  }
}

const byId = ({ id }: { id: string }) => ({ id })

export const testSubgraphs: readonly Subgraph[] = [
  { name: 'identity', resolvers: [IdentityResolver], references: { User: byId } },
  {
    name: 'dataset',
    resolvers: [DatasetResolver],
    references: {
      Project: ({ id }: { id: string }, { world }: WorldContext) => {
        world.count('project by reference')
        return { id, name: `project ${id}`, neighbours: [] }
      },
    },
  },
  {
    name: 'executor',
    resolvers: [ExecutorResolver],
    references: {
      Job: ({ id }: { id: string }, { world }: WorldContext) => ({
        ...world.jobs.get(id),
        project: { id: world.jobs.get(id)?.projectId },
      }),
      Project: byId,
    },
  },
  {
    name: 'model',
    resolvers: [ModelResolver, JobOfModelResolver],
    extended: [JobOfModel],
    references: { Job: byId, ModelStage: ({ id }: { id: string }) => stageOf(id) },
  },
  { name: 'labeling', resolvers: [LabelingResolver], references: { LabellingTask: byId } },
]
