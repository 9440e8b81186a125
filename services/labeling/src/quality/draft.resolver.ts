import { Box, ConnectionArguments, keysetPage, type Page } from '@ymir/graphql'
import {
  Args,
  Ctx,
  Field,
  FieldResolver,
  Float,
  Int,
  ObjectType,
  registerEnumType,
  Resolver,
  Root,
} from 'type-graphql'
import { In } from 'typeorm'
import type { LabelingContext } from '../context.ts'
import { LabellingItemRow } from '../item/labelling-item.entity.ts'
import { ItemAnnotation, LabellingItem, LabellingItemConnection } from '../item/labelling-item.type.ts'
import type { LabellingTaskRow } from '../task/labelling-task.entity.ts'
import { taskById } from '../task/labelling-task.loader.ts'
import { LabellingTask } from '../task/labelling-task.type.ts'
import { changesOf } from './changed-by-answer.ts'
import type { ChangeKind } from './difference.ts'
import { draftCountsOf, isChanged, isInDraft } from './draft.ts'

const ChangeKinds = {
  ADDED: 'ADDED',
  REMOVED: 'REMOVED',
  MOVED: 'MOVED',
  RELABELLED: 'RELABELLED',
  KEPT: 'KEPT',
} as const satisfies Record<ChangeKind, ChangeKind>

registerEnumType(ChangeKinds, {
  name: 'BoxChangeKind',
  valuesConfig: {
    ADDED: { description: 'Was not there before.' },
    REMOVED: { description: 'Is not there any more.' },
    MOVED: {
      description:
        'The same object and class, with an IoU below 0.98 (of the boxes around turned ones), or turned otherwise by more than half a degree.',
    },
    RELABELLED: { description: 'The same object, of another class.' },
    KEPT: { description: 'As it was.' },
  },
})

@ObjectType({ description: 'A box with its label.' })
class LabelledBox {
  @Field(() => String)
  label!: string

  @Field(() => Box, { description: 'As it lies before it is turned.' })
  box!: Box

  @Field(() => Float, {
    nullable: true,
    description: 'How far the box is turned about its middle, clockwise, radians; null: not at all.',
  })
  rotation?: number | null
}

@ObjectType({ description: 'What became of a box that an answer started from, or that it added.' })
class ItemBoxChange {
  @Field(() => ChangeKinds)
  kind!: ChangeKind

  @Field(() => LabelledBox, { nullable: true, description: 'Null: it was added.' })
  before!: LabelledBox | null

  @Field(() => ItemAnnotation, { nullable: true, description: 'Null: it was removed.' })
  after!: ItemAnnotation | null

  @Field(() => Float, { nullable: true, description: 'Of before and after.' })
  iou!: number | null
}

@ObjectType({
  description:
    'What a labelling task’s result would be if it were stored now, against what the answers started from: the model’s predictions (from a score of 0.3) where the task has them, else the annotations of the version.',
})
class LabellingDraft {
  @Field(() => Int, { description: 'Images that are in it: labelled or accepted.' })
  imageCount!: number

  @Field(() => Int, {
    description: 'Images of the version that are not: skipped, sent back, or not answered yet.',
  })
  leftOutCount!: number

  @Field(() => Int, { description: 'Images whose answer is what it started from.' })
  confirmedCount!: number

  @Field(() => Int, { description: 'Images whose answer is another.' })
  changedCount!: number

  @Field(() => Int, { description: 'Boxes.' })
  addedCount!: number

  @Field(() => Int, { description: 'Boxes.' })
  removedCount!: number

  @Field(() => Int, { description: 'Boxes.' })
  movedCount!: number

  @Field(() => Int, { description: 'Boxes.' })
  relabelledCount!: number

  @Field(() => Int, { description: 'Boxes.' })
  keptCount!: number
}

@Resolver(() => LabellingTask)
export class TaskDraftResolver {
  @FieldResolver(() => LabellingDraft, {
    description: 'What the result would be if the task were stored now. For editors.',
  })
  async draft(
    @Root() { id, projectId }: LabellingTaskRow,
    @Ctx() { access, database }: LabelingContext,
  ): Promise<LabellingDraft> {
    await access.requireProject(projectId, 'EDITOR')
    return Object.assign(await draftCountsOf(database, id), { taskId: id }) // for its items
  }
}

@Resolver(() => LabellingDraft)
export class DraftItemsResolver {
  @FieldResolver(() => LabellingItemConnection, {
    description: 'Images whose answer is another than what it started from, in the order of the task.',
  })
  items(
    @Root() { taskId }: LabellingDraft & { readonly taskId: string },
    @Args(() => ConnectionArguments) page: ConnectionArguments,
    @Ctx() { database }: LabelingContext,
  ): Promise<Page<LabellingItem>> {
    const query = database
      .getRepository(LabellingItemRow)
      .createQueryBuilder('item')
      .where(`item.taskId = :taskId and ${isInDraft} and ${isChanged}`, { taskId })
    return keysetPage(query, page, { key: 'position', direction: 'ASC' })
  }
}

@Resolver(() => LabellingItem)
export class ItemQualityResolver {
  @FieldResolver(() => [ItemBoxChange], {
    nullable: true,
    description:
      'What the answer made of what it started from; null before it is labelled, and where the start is not known.',
  })
  async changes(
    @Root() item: LabellingItemRow,
    @Ctx() context: LabelingContext,
  ): Promise<readonly ItemBoxChange[] | null> {
    const task = item.difference && (await taskById(context, item.taskId))
    return task ? changesOf(item, task) : null
  }

  @FieldResolver(() => [ItemAnnotation], {
    nullable: true,
    description: 'Of a gold image: the right answer. Hidden (null) but for editors.',
  })
  async knownAnnotations(
    @Root() { taskId, knownAnnotations }: LabellingItemRow,
    @Ctx() context: LabelingContext,
  ): Promise<readonly ItemAnnotation[] | null> {
    return knownAnnotations && (await maySeeChecks(taskId, context)) ? knownAnnotations : null
  }

  @FieldResolver(() => Boolean, {
    nullable: true,
    description:
      'Whether the answer is for the result; not: it is a gold image, or the second answer to an image. Hidden (null) but for editors.',
  })
  async inResult(
    @Root() { taskId, inResult }: LabellingItemRow,
    @Ctx() context: LabelingContext,
  ): Promise<boolean | null> {
    return (await maySeeChecks(taskId, context)) ? inResult : null
  }

  @FieldResolver(() => LabellingItem, {
    nullable: true,
    description: 'The same image for another answer. Hidden (null) but for editors.',
  })
  async otherAnswer(
    @Root() { taskId, assetId, inResult, knownAnnotations }: LabellingItemRow,
    @Ctx() context: LabelingContext,
  ): Promise<LabellingItem | null> {
    if (knownAnnotations || !(await maySeeChecks(taskId, context))) return null
    const items = context.loader<string, LabellingItemRow | null>('other answer', async (keys) => {
      const [taskIds, assetIds] = [0, 1].map((part) => keys.map((key) => key.split(' ')[part]!))
      const rows = await context.database.manager.findBy(LabellingItemRow, {
        ...{ taskId: In(taskIds!), assetId: In(assetIds!) },
      })
      return keys.map((key) => rows.find((row) => keyOf(row) === key) ?? null)
    })
    return items.load(keyOf({ taskId, assetId, inResult: !inResult }))
  }
}

function keyOf({
  taskId,
  assetId,
  inResult,
}: Pick<LabellingItemRow, 'taskId' | 'assetId' | 'inResult'>): string {
  return `${taskId} ${assetId} ${inResult}`
}

/** Who labels must not tell gold images and second copies from others. */
async function maySeeChecks(taskId: string, context: LabelingContext): Promise<boolean> {
  const task = await taskById(context, taskId)
  return Boolean(task && (await context.access.mayInProject(task.projectId, 'EDITOR')))
}
