import { notFound } from '@ymir/graphql'
import { IsUUID } from 'class-validator'
import { Arg, Ctx, Field, ID, InputType, Mutation, ObjectType, Resolver } from 'type-graphql'
import type { DatasetContext } from '../context.ts'
import { loadDataset } from './dataset.resolver.ts'
import { deleteDataset } from './delete.ts'

@InputType()
class DeleteDatasetInput {
  @IsUUID()
  @Field(() => ID)
  id!: string
}

@ObjectType()
class DeleteDatasetPayload {
  @Field(() => ID, { description: 'The dataset that is gone.' })
  id!: string
}

@Resolver()
export class DeleteDatasetResolver {
  @Mutation(() => DeleteDatasetPayload, {
    description:
      'Deletes a dataset with all its versions, for good. Refused while other datasets were made from it. For owners.',
  })
  async deleteDataset(
    @Arg('input', () => DeleteDatasetInput) { id }: DeleteDatasetInput,
    @Ctx() context: DatasetContext,
  ): Promise<DeleteDatasetPayload> {
    const { access, bus, caller, database } = context
    const dataset = await loadDataset(context, id)
    if (!dataset) throw notFound('dataset', id)
    await access.requireProject(dataset.projectId, 'OWNER')
    const actorId = caller.kind === 'user' ? caller.userId : ''
    await database.transaction((manager) => deleteDataset(manager, bus, { id, actorId }))
    return { id }
  }
}
