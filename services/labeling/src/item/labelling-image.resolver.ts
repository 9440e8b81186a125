import { isUUID } from 'class-validator'
import { Arg, Ctx, Field, ID, ObjectType, Query, Resolver } from 'type-graphql'
import type { LabelingContext } from '../context.ts'
import { taskById } from '../task/labelling-task.loader.ts'
import { LabellingItemRow } from './labelling-item.entity.ts'

@ObjectType({ description: 'Where the bytes of an image are.' })
class LabellingImage {
  @Field(() => ID)
  versionId!: string

  @Field(() => ID, { description: 'SHA-256 of the image.' })
  assetId!: string
}

@Resolver()
export class LabellingImageResolver {
  @Query(() => LabellingImage, {
    nullable: true,
    description:
      'For the gateway, which sends the bytes to whoever may see the item: nobody else is to know of which version it is.',
  })
  async labellingImage(
    @Arg('itemId', () => ID) itemId: string,
    @Ctx() context: LabelingContext,
  ): Promise<LabellingImage | null> {
    context.access.requireService()
    const { manager } = context.database
    const item = isUUID(itemId) ? await manager.findOneBy(LabellingItemRow, { id: itemId }) : null
    const task = item && (await taskById(context, item.taskId))
    if (!item || !task) return null
    const versionId = item.knownAnnotations ? (task.goldVersionId ?? task.versionId) : task.versionId
    return { versionId, assetId: item.assetId }
  }
}
