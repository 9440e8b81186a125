import {
  ConnectionArguments,
  keysetPage,
  notFound,
  Prediction,
  type Page,
  type ProjectRole,
} from '@ymir/graphql'
import {
  ArrayMaxSize,
  IsInt,
  IsOptional,
  isUUID,
  IsUUID,
  MaxLength,
  Min,
  Max,
  ValidateNested,
} from 'class-validator'
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
  Resolver,
  Root,
} from 'type-graphql'
import { In } from 'typeorm'
import type { LabelingContext } from '../context.ts'
import { User } from '../stubs.ts'
import type { LabellingTaskRow } from '../task/labelling-task.entity.ts'
import { forgetTask, requireTask, taskById } from '../task/labelling-task.loader.ts'
import { LabellingTask } from '../task/labelling-task.type.ts'
import { asDrawn, mostAnnotations } from './annotation.ts'
import { LabellingItemRow } from './labelling-item.entity.ts'
import {
  claimItem,
  claimItems,
  mostHeld,
  releaseItem,
  reviewItem,
  saveDraft,
  skipItem,
  submitItem,
  type Changed,
} from './labelling-item.ts'
import {
  ItemAnnotation,
  ItemAnnotationInput,
  LabellingItem,
  LabellingItemConnection,
  LabellingItemStates,
} from './labelling-item.type.ts'
import type { LabellingItemState } from './state.ts'

@InputType()
class ClaimItemInput {
  @IsUUID()
  @Field(() => ID)
  taskId!: string

  @IsOptional()
  @IsUUID()
  @Field(() => ID, {
    nullable: true,
    description: 'This image: one that is free, or your own, which you then have for another ten minutes.',
  })
  itemId?: string | null
}

@InputType()
class ClaimItemsInput {
  @IsUUID()
  @Field(() => ID)
  taskId!: string

  @IsInt()
  @Min(1)
  @Max(mostHeld)
  @Field(() => Int, { description: 'How many you want to have, 5 at most.' })
  first!: number
}

@InputType()
class SaveDraftInput {
  @IsUUID()
  @Field(() => ID)
  itemId!: string

  @ArrayMaxSize(mostAnnotations)
  @ValidateNested({ each: true })
  @Field(() => [ItemAnnotationInput], { description: 'All that is drawn so far.' })
  annotations!: ItemAnnotationInput[]
}

@InputType()
class SubmitItemInput {
  @IsUUID()
  @Field(() => ID)
  itemId!: string

  @ArrayMaxSize(mostAnnotations)
  @ValidateNested({ each: true })
  @Field(() => [ItemAnnotationInput], { description: 'All that is in the image; empty: nothing is.' })
  annotations!: ItemAnnotationInput[]
}

@InputType()
class SkipItemInput {
  @IsUUID()
  @Field(() => ID)
  itemId!: string

  @MaxLength(500)
  @Field(() => String, { description: 'Why the image cannot be labelled.' })
  reason!: string
}

@InputType()
class ReleaseItemInput {
  @IsUUID()
  @Field(() => ID)
  itemId!: string
}

@InputType()
class ReviewItemInput {
  @IsUUID()
  @Field(() => ID)
  itemId!: string

  @Field(() => Boolean, { description: 'False: send it back to be labelled again.' })
  accept!: boolean

  @IsOptional()
  @MaxLength(2_000)
  @Field(() => String, { nullable: true, description: 'What to do better; needed to send it back.' })
  comment?: string | null

  @IsOptional()
  @ArrayMaxSize(mostAnnotations)
  @ValidateNested({ each: true })
  @Field(() => [ItemAnnotationInput], {
    nullable: true,
    description:
      'All that is in the image, to accept the answer with your corrections; left out: as it was answered.',
  })
  annotations?: ItemAnnotationInput[] | null
}

@ObjectType()
class LabellingItemPayload {
  @Field(() => LabellingItem)
  item!: LabellingItem
}

@ObjectType()
class ClaimItemPayload {
  @Field(() => LabellingItem, { nullable: true, description: 'Null when no image is free.' })
  item!: LabellingItem | null
}

@ObjectType()
class ClaimItemsPayload {
  @Field(() => [LabellingItem], { description: 'In the order of the task; fewer when no more are free.' })
  items!: LabellingItem[]
}

@ArgsType()
class ItemArguments extends ConnectionArguments {
  @IsOptional()
  @Field(() => [LabellingItemStates], { nullable: true, description: 'Only items in these states.' })
  states?: LabellingItemState[] | null
}

@ArgsType()
class PredictionArguments {
  @Min(0)
  @Max(1)
  @Field(() => Float, { defaultValue: 0.3, description: 'Lowest score.' })
  threshold!: number
}

/** The item, if the caller may see its project. */
export async function findLabellingItem(
  id: string,
  context: LabelingContext,
): Promise<LabellingItemRow | null> {
  if (!isUUID(id)) return null
  const { access, database, loader } = context
  const item = await loader<string, LabellingItemRow | null>('labelling item', async (ids) => {
    const rows = await database.manager.findBy(LabellingItemRow, { id: In([...ids]) })
    return ids.map((one) => rows.find((row) => row.id === one) ?? null)
  }).load(id)
  const task = item && (await taskById(context, item.taskId))
  return task && (await access.mayInProject(task.projectId, 'VIEWER')) ? item : null
}

@Resolver(() => LabellingItem)
export class LabellingItemResolver {
  @Query(() => LabellingItem, { nullable: true })
  labellingItem(
    @Arg('id', () => ID) id: string,
    @Ctx() context: LabelingContext,
  ): Promise<LabellingItem | null> {
    return findLabellingItem(id, context)
  }

  @Mutation(() => ClaimItemPayload, {
    description:
      'Gives you the next free image of a task for ten minutes; nobody else gets it meanwhile. For annotators. ' +
      'To have it for longer, claim it again by its `itemId`.',
  })
  async claimItem(
    @Arg('input', () => ClaimItemInput) { taskId, itemId }: ClaimItemInput,
    @Ctx() context: LabelingContext,
  ): Promise<ClaimItemPayload> {
    const task = await requireTask(taskId, context, 'ANNOTATOR')
    const { userId } = context.access.requireSignedIn()
    return { item: await claimItem(context, task, userId, itemId ?? null) }
  }

  @Mutation(() => ClaimItemsPayload, {
    description:
      'Gives you images of a task until you have as many as you want, to fetch the next ahead: those that you have already, ' +
      'each for another ten minutes, then free ones. Asked again it gives the same. For annotators.',
  })
  async claimItems(
    @Arg('input', () => ClaimItemsInput) { taskId, first }: ClaimItemsInput,
    @Ctx() context: LabelingContext,
  ): Promise<ClaimItemsPayload> {
    const task = await requireTask(taskId, context, 'ANNOTATOR')
    const { userId } = context.access.requireSignedIn()
    return { items: await claimItems(context, task, userId, first) }
  }

  @Mutation(() => LabellingItemPayload, {
    description:
      'Keeps what you drew so far on an image that you have claimed, and lets you have it for another ten minutes; it is no answer. ' +
      'For annotators. Codes: as `submitItem`.',
  })
  async saveDraft(
    @Arg('input', () => SaveDraftInput) { itemId, annotations }: SaveDraftInput,
    @Ctx() context: LabelingContext,
  ): Promise<LabellingItemPayload> {
    const userId = await requireLabeller(itemId, context)
    return wakened(context, await saveDraft(context, itemId, userId, annotations))
  }

  @Mutation(() => LabellingItemPayload, {
    description:
      'Answers an image that you have claimed. Again: replaces your answer, while the task is open; the same answer again changes nothing. For annotators. ' +
      'Codes: BAD_USER_INPUT (a wrong box; `field` says which), CONFLICT (the image is not yours).',
  })
  async submitItem(
    @Arg('input', () => SubmitItemInput) { itemId, annotations }: SubmitItemInput,
    @Ctx() context: LabelingContext,
  ): Promise<LabellingItemPayload> {
    const userId = await requireLabeller(itemId, context)
    return wakened(context, await submitItem(context, itemId, userId, annotations))
  }

  @Mutation(() => LabellingItemPayload, {
    description:
      'Says that an image that you have claimed cannot be labelled; it is left out of the result. For annotators.',
  })
  async skipItem(
    @Arg('input', () => SkipItemInput) { itemId, reason }: SkipItemInput,
    @Ctx() context: LabelingContext,
  ): Promise<LabellingItemPayload> {
    const userId = await requireLabeller(itemId, context)
    return wakened(context, await skipItem(context, itemId, userId, reason))
  }

  @Mutation(() => LabellingItemPayload, {
    description: 'Gives back an image that you have claimed. For annotators.',
  })
  async releaseItem(
    @Arg('input', () => ReleaseItemInput) { itemId }: ReleaseItemInput,
    @Ctx() context: LabelingContext,
  ): Promise<LabellingItemPayload> {
    const userId = await requireLabeller(itemId, context)
    return wakened(context, await releaseItem(context, itemId, userId))
  }

  @Mutation(() => LabellingItemPayload, {
    description: 'Accepts an answer, as it is or corrected, or sends it back with a comment. For editors.',
  })
  async reviewItem(
    @Arg('input', () => ReviewItemInput) { itemId, accept, comment, annotations }: ReviewItemInput,
    @Ctx() context: LabelingContext,
  ): Promise<LabellingItemPayload> {
    await requireItem(itemId, context, 'EDITOR')
    const review = { accept, comment: comment ?? null, annotations: annotations ?? null }
    return wakened(context, await reviewItem(context, itemId, review))
  }

  @FieldResolver(() => LabellingTask)
  task(@Root() { taskId }: LabellingItemRow, @Ctx() context: LabelingContext): Promise<LabellingTask | null> {
    return taskById(context, taskId)
  }

  @FieldResolver(() => String, { description: 'Path of the image at the gateway.' })
  imageUrl(@Root() item: LabellingItemRow, @Ctx() context: LabelingContext): Promise<string> {
    return pathOf('assets', item, context)
  }

  @FieldResolver(() => String, { description: 'Path of a small picture at the gateway.' })
  thumbnailUrl(@Root() item: LabellingItemRow, @Ctx() context: LabelingContext): Promise<string> {
    return pathOf('thumbnails', item, context)
  }

  @FieldResolver(() => [ItemAnnotation], {
    description: "Of the task's classes: where the labeller starts from, then what was submitted.",
  })
  annotations(@Root() item: LabellingItemRow): readonly ItemAnnotation[] {
    return item.annotations
  }

  @FieldResolver(() => [ItemAnnotation], {
    nullable: true,
    description:
      'What you drew so far, of an image that you have claimed; null without a draft, and for others.',
  })
  draft(
    @Root() { draft, claimedBy }: LabellingItemRow,
    @Ctx() { caller }: LabelingContext,
  ): readonly ItemAnnotation[] | null {
    return caller.kind === 'user' && caller.userId === claimedBy ? draft : null
  }

  @FieldResolver(() => [ItemAnnotation], {
    description: 'What the version has of other classes; it stays as it is.',
  })
  keptAnnotations(@Root() item: LabellingItemRow): ItemAnnotation[] {
    return item.keptAnnotations.map(asDrawn)
  }

  @FieldResolver(() => [Prediction], { description: 'What a model found, most certain first.' })
  predictions(
    @Root() item: LabellingItemRow,
    @Args(() => PredictionArguments) { threshold }: PredictionArguments,
  ): Prediction[] {
    return item.predictions.filter(({ score }) => score >= threshold)
  }

  @FieldResolver(() => User, { nullable: true, description: 'Who has it now.' })
  claimedBy(@Root() { claimedBy }: LabellingItemRow): User | null {
    return claimedBy ? { id: claimedBy } : null
  }

  @FieldResolver(() => User, {
    nullable: true,
    description: 'Who labelled or skipped it; null before, and when an automatic labeller did.',
  })
  answeredBy(@Root() { answeredBy }: LabellingItemRow): User | null {
    return answeredBy ? { id: answeredBy } : null
  }
}

@Resolver(() => LabellingTask)
export class TaskItemsResolver {
  @FieldResolver(() => LabellingItemConnection, { description: 'In the order of the version.' })
  items(
    @Root() task: LabellingTaskRow,
    @Args(() => ItemArguments) { states, ...page }: ItemArguments,
    @Ctx() { database }: LabelingContext,
  ): Promise<Page<LabellingItem>> {
    const query = database
      .getRepository(LabellingItemRow)
      .createQueryBuilder('item')
      .where('item.taskId = :taskId', { taskId: task.id })
    if (states) query.andWhere('item.state = any(:states)', { states })
    return keysetPage(query, page, { key: 'position', direction: 'ASC' })
  }
}

/** Where gold images are mixed in, the version in a path would tell them: the gateway then asks for it (labellingImage). */
async function pathOf(
  folder: 'assets' | 'thumbnails',
  { id, taskId, assetId }: LabellingItemRow,
  context: LabelingContext,
): Promise<string> {
  const task = await taskById(context, taskId)
  if (!task) throw notFound('labelling task', taskId)
  if (task.goldVersionId) return `/files/labelling/${folder}/${id}`
  return `/files/${folder}/${task.versionId}/${assetId}`
}

/** For mutations; not through the loader, which would remember how the item was before. */
export async function requireItem(id: string, context: LabelingContext, role: ProjectRole): Promise<void> {
  const item = await context.database.manager.findOneBy(LabellingItemRow, { id })
  const task = item && (await taskById(context, item.taskId))
  if (!task || !(await context.access.mayInProject(task.projectId, 'VIEWER')))
    throw notFound('labelling item', id)
  await context.access.requireProject(task.projectId, role)
}

/** @returns the user */
async function requireLabeller(itemId: string, context: LabelingContext): Promise<string> {
  await requireItem(itemId, context, 'ANNOTATOR')
  return context.access.requireSignedIn().userId
}

/** After the commit: whoever has work with the task begins. */
function wakened(context: LabelingContext, { task, item }: Changed): LabellingItemPayload {
  forgetTask(context, task.id)
  context.chores.wake(task)
  return { item }
}
