import { ConnectionArguments, keysetPage, type Page } from '@ymir/graphql'
import { IsUUID, MaxLength } from 'class-validator'
import {
  Arg,
  Args,
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
import { findAutomaticLabeller } from '../automatic-labeller/automatic-labeller.loader.ts'
import { AutomaticLabeller } from '../automatic-labeller/automatic-labeller.type.ts'
import type { LabelingContext } from '../context.ts'
import { DatasetVersion, Project, User } from '../stubs.ts'
import { cancelTask, finishTask, sendBackTask } from './commands.ts'
import { createLabellingTask, CreateLabellingTaskInput } from './create-labelling-task.ts'
import { LabellingTaskRow } from './labelling-task.entity.ts'
import { countsOf, findLabellingTask, forgetTask, requireTask } from './labelling-task.loader.ts'
import { LabellingTask, LabellingTaskConnection } from './labelling-task.type.ts'

@InputType()
class LabellingTaskInput {
  @IsUUID()
  @Field(() => ID)
  taskId!: string
}

@InputType()
class SendBackTaskInput {
  @IsUUID()
  @Field(() => ID)
  taskId!: string

  @MaxLength(2_000)
  @Field(() => String, { description: 'What to do better; each image gets it.' })
  comment!: string
}

@ObjectType()
class LabellingTaskPayload {
  @Field(() => LabellingTask)
  task!: LabellingTask
}

@Resolver(() => LabellingTask)
export class LabellingTaskResolver {
  @Query(() => LabellingTask, { nullable: true })
  labellingTask(
    @Arg('id', () => ID) id: string,
    @Ctx() context: LabelingContext,
  ): Promise<LabellingTask | null> {
    return findLabellingTask(id, context)
  }

  @Mutation(() => LabellingTaskPayload, {
    description:
      'Has the images of a dataset version labelled. For editors. Its images appear shortly after.',
  })
  async createLabellingTask(
    @Arg('input', () => CreateLabellingTaskInput) input: CreateLabellingTaskInput,
    @Ctx() context: LabelingContext,
  ): Promise<LabellingTaskPayload> {
    await context.access.requireProject(input.projectId, 'EDITOR')
    return { task: await createLabellingTask(input, context) }
  }

  @Mutation(() => LabellingTaskPayload, {
    description:
      'Stores what is labelled without waiting for the rest, which is left out. For editors. It happens by itself when every image is labelled or skipped (and accepted, with review). A task whose result could not be stored is stored again.',
  })
  async finishLabellingTask(
    @Arg('input', () => LabellingTaskInput) { taskId }: LabellingTaskInput,
    @Ctx() context: LabelingContext,
  ): Promise<LabellingTaskPayload> {
    await requireTask(taskId, context, 'EDITOR')
    return wakened(context, await finishTask(context, taskId))
  }

  @Mutation(() => LabellingTaskPayload, {
    description:
      'Opens a stored task again: every image is sent back with the comment, and the result becomes another version. For editors.',
  })
  async sendBackTask(
    @Arg('input', () => SendBackTaskInput) { taskId, comment }: SendBackTaskInput,
    @Ctx() context: LabelingContext,
  ): Promise<LabellingTaskPayload> {
    await requireTask(taskId, context, 'EDITOR')
    return wakened(context, await sendBackTask(context, taskId, comment))
  }

  @Mutation(() => LabellingTaskPayload, {
    description:
      'Stops a task; nothing is stored, but for a result that is already being made a dataset version. For editors. A task that has ended stays as it is.',
  })
  async cancelLabellingTask(
    @Arg('input', () => LabellingTaskInput) { taskId }: LabellingTaskInput,
    @Ctx() context: LabelingContext,
  ): Promise<LabellingTaskPayload> {
    await requireTask(taskId, context, 'EDITOR')
    return wakened(context, await cancelTask(context, taskId))
  }

  @FieldResolver(() => Project)
  project(@Root() task: LabellingTaskRow): Project {
    return { id: task.projectId }
  }

  @FieldResolver(() => DatasetVersion, { description: 'The version that is labelled.' })
  version(@Root() task: LabellingTaskRow): DatasetVersion {
    return { id: task.versionId }
  }

  @FieldResolver(() => DatasetVersion, { nullable: true, description: 'The labelled images.' })
  result(@Root() task: LabellingTaskRow): DatasetVersion | null {
    return task.state === 'SUCCEEDED' && task.resultVersionId ? { id: task.resultVersionId } : null
  }

  @FieldResolver(() => AutomaticLabeller, { nullable: true, description: 'Null: people label.' })
  automaticLabeller(
    @Root() { automaticLabellerId }: LabellingTaskRow,
    @Ctx() context: LabelingContext,
  ): Promise<AutomaticLabeller | null> | null {
    return automaticLabellerId ? findAutomaticLabeller(automaticLabellerId, context) : null
  }

  @FieldResolver(() => User, { nullable: true, description: 'Null when the platform itself made it.' })
  createdBy(@Root() { createdBy }: LabellingTaskRow): User | null {
    return createdBy ? { id: createdBy } : null
  }

  @FieldResolver(() => Boolean, {
    description: 'Whether the images are there; they are read after the task is made.',
  })
  itemsReady(@Root() { itemCount }: LabellingTaskRow): boolean {
    return itemCount !== null
  }

  @FieldResolver(() => Int, { description: 'Images in the task; 0 until they are read.' })
  itemCount(@Root() { itemCount }: LabellingTaskRow): number {
    return itemCount ?? 0
  }

  @FieldResolver(() => Int, { description: 'Images labelled or skipped.' })
  async doneCount(@Root() { id }: LabellingTaskRow, @Ctx() context: LabelingContext): Promise<number> {
    return (await countsOf(context, id)).done
  }

  @FieldResolver(() => Int)
  async skippedCount(@Root() { id }: LabellingTaskRow, @Ctx() context: LabelingContext): Promise<number> {
    return (await countsOf(context, id)).skipped
  }

  @FieldResolver(() => Int, { description: 'Images that a reviewer accepted.' })
  async acceptedCount(@Root() { id }: LabellingTaskRow, @Ctx() context: LabelingContext): Promise<number> {
    return (await countsOf(context, id)).accepted
  }
}

/** After the commit: whoever has work with the task begins. */
function wakened(context: LabelingContext, task: LabellingTaskRow): LabellingTaskPayload {
  forgetTask(context, task.id)
  context.chores.wake(task)
  return { task }
}

@Resolver(() => Project)
export class ProjectLabellingTasksResolver {
  @FieldResolver(() => LabellingTaskConnection, { description: 'Newest first.' })
  async labellingTasks(
    @Root() project: Project,
    @Args(() => ConnectionArguments) page: ConnectionArguments,
    @Ctx() { access, database }: LabelingContext,
  ): Promise<Page<LabellingTask>> {
    await access.requireProject(project.id, 'VIEWER')
    const query = database
      .getRepository(LabellingTaskRow)
      .createQueryBuilder('task')
      .where('task.projectId = :id', { id: project.id })
    return keysetPage(query, page)
  }
}
