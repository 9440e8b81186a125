import { ConnectionArguments, keysetPage, notFound, Prediction, type Page } from '@ymir/graphql'
import { isUUID } from 'class-validator'
import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql'
import type { LabelingContext } from '../context.ts'
import { LabellingItemRow } from '../item/labelling-item.entity.ts'
import { ItemAnnotation } from '../item/labelling-item.type.ts'
import { LabellingTaskRow } from '../task/labelling-task.entity.ts'
import { countsOf, forgetTask, taskById } from '../task/labelling-task.loader.ts'
import { recordResults } from './results.ts'
import {
  SubmitResultsInput,
  SubmitResultsPayload,
  VendorImage,
  VendorItem,
  VendorItemConnection,
  VendorTask,
  VendorTaskConnection,
} from './vendor-task.type.ts'

/**
 * The door for vendors: each query finds tasks of the vendor that asks, and no others. Types of their own, so that nothing
 * of people, projects and datasets hangs on them.
 */
@Resolver(() => VendorTask)
export class VendorTaskResolver {
  @Query(() => VendorTaskConnection, {
    description:
      'For vendors: the open tasks that are yours, newest first. What was not heard of is found here.',
  })
  vendorTasks(
    @Args(() => ConnectionArguments) page: ConnectionArguments,
    @Ctx() { access, database }: LabelingContext,
  ): Promise<Page<VendorTask>> {
    const { vendorId } = access.requireVendor()
    const query = database
      .getRepository(LabellingTaskRow)
      .createQueryBuilder('task')
      .where(`task.vendorId = :vendorId and task.state = 'OPEN' and task.itemCount is not null`, { vendorId })
    return keysetPage(query, page)
  }

  @Query(() => VendorTask, {
    nullable: true,
    description: 'For vendors: a task of yours, whatever its state.',
  })
  async vendorTask(
    @Arg('id', () => ID) id: string,
    @Ctx() context: LabelingContext,
  ): Promise<VendorTask | null> {
    return ownTask(context, id)
  }

  @Query(() => VendorItemConnection, {
    description:
      'For vendors: the images of a task of yours that are still to be labelled, in the order of the task.',
  })
  async vendorItems(
    @Arg('taskId', () => ID) taskId: string,
    @Args(() => ConnectionArguments) page: ConnectionArguments,
    @Ctx() context: LabelingContext,
  ): Promise<Page<VendorItem>> {
    if (!(await ownTask(context, taskId))) throw notFound('labelling task of yours', taskId)
    const query = context.database
      .getRepository(LabellingItemRow)
      .createQueryBuilder('item')
      .where(`item.taskId = :taskId and item.state in ('WAITING', 'SENT_BACK', 'CLAIMED')`, { taskId })
    return keysetPage(query, page, { key: 'position', direction: 'ASC' })
  }

  @Query(() => VendorImage, {
    nullable: true,
    description:
      'For vendors: an image of a task of yours. GET /vendor/tasks/{task}/images/{item} sends its bytes.',
  })
  async vendorImage(
    @Arg('taskId', () => ID) taskId: string,
    @Arg('itemId', () => ID) itemId: string,
    @Ctx() context: LabelingContext,
  ): Promise<VendorImage | null> {
    const task = await ownTask(context, taskId)
    if (!task || !isUUID(itemId)) return null
    const item = await context.database.manager.findOneBy(LabellingItemRow, { id: itemId, taskId })
    return item && { versionId: task.versionId, assetId: item.assetId }
  }

  @Mutation(() => SubmitResultsPayload, {
    description:
      'For vendors: what you found in images of a task of yours. Each result by itself is recorded or refused; the same again changes nothing. Codes: NOT_FOUND (the task is not yours, or not any more).',
  })
  async submitResults(
    @Arg('input', () => SubmitResultsInput) { taskId, results }: SubmitResultsInput,
    @Ctx() context: LabelingContext,
  ): Promise<SubmitResultsPayload> {
    const { vendorId } = context.access.requireVendor()
    const { task, outcomes } = await recordResults(
      context,
      vendorId,
      taskId,
      results.map(({ annotations, skipReason, seconds, ...result }) => ({
        ...result,
        annotations: annotations ?? null,
        skipReason: skipReason ?? null,
        seconds: seconds ?? null,
      })),
    )
    forgetTask(context, task.id)
    context.chores.wake(task)
    return { outcomes }
  }

  @FieldResolver(() => Int, { description: 'Images in the task.' })
  itemCount(@Root() { itemCount }: LabellingTaskRow): number {
    return itemCount ?? 0
  }

  @FieldResolver(() => Int, { description: 'Images still to be labelled, with those that were sent back.' })
  async todoCount(@Root() { id }: LabellingTaskRow, @Ctx() context: LabelingContext): Promise<number> {
    return (await countsOf(context, id)).todo
  }

  @FieldResolver(() => String, { description: 'OPEN: label it. Everything else: it takes no results.' })
  state(@Root() { state }: LabellingTaskRow): string {
    return state
  }
}

@Resolver(() => VendorItem)
export class VendorItemResolver {
  @FieldResolver(() => String, { description: 'Path of the image at the gateway.' })
  imagePath(@Root() { id, taskId }: LabellingItemRow): string {
    return `/vendor/tasks/${taskId}/images/${id}`
  }

  @FieldResolver(() => [ItemAnnotation], {
    description: 'Where to start from; of an image sent back, the answer.',
  })
  annotations(@Root() { annotations }: LabellingItemRow): readonly ItemAnnotation[] {
    return annotations
  }

  @FieldResolver(() => [Prediction], { description: 'What a model found, most certain first.' })
  predictions(@Root() { predictions }: LabellingItemRow): readonly Prediction[] {
    return predictions
  }

  @FieldResolver(() => Int, { description: 'The revision that your next answer has to have.' })
  nextRevision(@Root() { vendorRevision }: LabellingItemRow): number {
    return (vendorRevision ?? -1) + 1
  }
}

/** The task, if it is the asking vendor's. @throws DomainError UNAUTHENTICATED for others than vendors */
async function ownTask(context: LabelingContext, id: string): Promise<LabellingTaskRow | null> {
  const { vendorId } = context.access.requireVendor()
  const task = isUUID(id) ? await taskById(context, id) : null
  return task?.vendorId === vendorId ? task : null
}
