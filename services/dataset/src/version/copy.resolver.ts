import { notFound } from '@ymir/graphql'
import { IsOptional, IsUUID } from 'class-validator'
import { Arg, Ctx, Field, ID, InputType, Mutation, Resolver } from 'type-graphql'
import type { DatasetContext } from '../context.ts'
import { loadDataset } from '../dataset/dataset.resolver.ts'
import { targetOf } from '../dataset/dataset.store.ts'
import { requireReadable } from '../sharing/readable.ts'
import { make, NewVersionInput, VersionPayload } from './new-version.ts'
import { readVersion } from './version.store.ts'

@InputType()
class CopyVersionInput extends NewVersionInput {
  @IsUUID()
  @Field(() => ID)
  versionId!: string

  @IsOptional()
  @IsUUID()
  @Field(() => ID, {
    nullable: true,
    description: 'With name: the project that gets the dataset; without it that of the version.',
  })
  projectId?: string | null
}

@Resolver()
export class CopyResolver {
  @Mutation(() => VersionPayload, {
    description:
      'The same content in another dataset, also of another project: a pointer, however large the version is.',
  })
  async copyVersion(
    @Arg('input', () => CopyVersionInput) { versionId, note, ...place }: CopyVersionInput,
    @Ctx() context: DatasetContext,
  ): Promise<VersionPayload> {
    const target = targetOf(place)
    const version = await readVersion(context.database.manager, versionId)
    await requireReadable(context, version)
    const projectId = await projectOf(context, place, version.projectId)
    await context.access.requireProject(projectId, 'EDITOR')
    const work = { operation: 'COPY', versionId } as const
    return context.database.transaction(async (manager) => ({
      version: await make(manager, context, projectId, work, target, note),
    }))
  }
}

async function projectOf(
  context: DatasetContext,
  { datasetId, projectId }: Pick<CopyVersionInput, 'datasetId' | 'projectId'>,
  ownProjectId: string,
): Promise<string> {
  if (!datasetId) return projectId ?? ownProjectId
  const dataset = await loadDataset(context, datasetId)
  if (!dataset) throw notFound('dataset', datasetId)
  return dataset.projectId
}
