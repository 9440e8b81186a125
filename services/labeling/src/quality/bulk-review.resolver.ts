import { ArrayMaxSize, ArrayNotEmpty, IsOptional, IsUUID, MaxLength } from 'class-validator'
import { Arg, Ctx, Field, ID, InputType, Int, Mutation, ObjectType, Resolver } from 'type-graphql'
import type { LabelingContext } from '../context.ts'
import { LabellingItemRow } from '../item/labelling-item.entity.ts'
import { requireItem } from '../item/labelling-item.resolver.ts'
import { LabellingItem } from '../item/labelling-item.type.ts'
import { forgetTask, requireTask } from '../task/labelling-task.loader.ts'
import { LabellingTask } from '../task/labelling-task.type.ts'
import { acceptItems, mostNamed, sendBackItems, type Reviewed } from './bulk-review.ts'
import { chooseAnswer } from './overlap.ts'

@InputType()
class AcceptItemsInput {
  @IsUUID()
  @Field(() => ID)
  taskId!: string

  @IsOptional()
  @ArrayNotEmpty()
  @ArrayMaxSize(mostNamed)
  @IsUUID(undefined, { each: true })
  @Field(() => [ID], { nullable: true, description: 'Up to 500. Left out: all that are labelled.' })
  itemIds?: string[] | null
}

@InputType()
class SendBackItemsInput {
  @IsUUID()
  @Field(() => ID)
  taskId!: string

  @IsOptional()
  @ArrayNotEmpty()
  @ArrayMaxSize(mostNamed)
  @IsUUID(undefined, { each: true })
  @Field(() => [ID], {
    nullable: true,
    description: 'Up to 500. Left out: all that are labelled and not accepted.',
  })
  itemIds?: string[] | null

  @MaxLength(2_000)
  @Field(() => String, { description: 'What to do better; each image gets it.' })
  comment!: string
}

@InputType()
class ChooseAnswerInput {
  @IsUUID()
  @Field(() => ID)
  itemId!: string
}

@ObjectType()
class ReviewedItemsPayload {
  @Field(() => LabellingTask)
  task!: LabellingTask

  @Field(() => Int, { description: 'Images that were accepted, or sent back, by it.' })
  changedCount!: number
}

@ObjectType()
class ChooseAnswerPayload {
  @Field(() => LabellingItem)
  item!: LabellingItem
}

@Resolver()
export class BulkReviewResolver {
  @Mutation(() => ReviewedItemsPayload, {
    description:
      'Accepts answers as they are; the same again changes nothing. For editors. Codes: CONFLICT (the task is not open).',
  })
  async acceptItems(
    @Arg('input', () => AcceptItemsInput) { taskId, itemIds }: AcceptItemsInput,
    @Ctx() context: LabelingContext,
  ): Promise<ReviewedItemsPayload> {
    await requireTask(taskId, context, 'EDITOR')
    return wakened(context, await acceptItems(context, taskId, itemIds ?? null))
  }

  @Mutation(() => ReviewedItemsPayload, {
    description:
      'Sends answers back to be given again; a vendor is told. A task that has ended opens again for the images that are named, and its result becomes another version; for all of them: sendBackTask. For editors.',
  })
  async sendBackItems(
    @Arg('input', () => SendBackItemsInput) { taskId, itemIds, comment }: SendBackItemsInput,
    @Ctx() context: LabelingContext,
  ): Promise<ReviewedItemsPayload> {
    await requireTask(taskId, context, 'EDITOR')
    return wakened(context, await sendBackItems(context, taskId, itemIds ?? null, comment))
  }

  @Mutation(() => ChooseAnswerPayload, {
    description:
      'Of an image that was answered twice: this answer goes into the result, instead of the other. For editors.',
  })
  async chooseAnswer(
    @Arg('input', () => ChooseAnswerInput) { itemId }: ChooseAnswerInput,
    @Ctx() context: LabelingContext,
  ): Promise<ChooseAnswerPayload> {
    const { manager } = context.database
    await requireItem(itemId, context, 'EDITOR')
    await chooseAnswer(context, await manager.findOneByOrFail(LabellingItemRow, { id: itemId }))
    return { item: await manager.findOneByOrFail(LabellingItemRow, { id: itemId }) }
  }
}

/** After the commit: whoever has work with the task begins. */
function wakened(context: LabelingContext, { task, changedCount }: Reviewed): ReviewedItemsPayload {
  forgetTask(context, task.id)
  context.chores.wake(task)
  return { task, changedCount }
}
