import { ConnectionArguments, keysetPage, notFound, type Page } from '@ymir/graphql'
import { DatasetSharedSchema } from '@ymir/proto-events'
import { IsUUID } from 'class-validator'
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
import type { DatasetContext } from '../context.ts'
import { Dataset } from '../dataset/dataset.entity.ts'
import { DatasetConnection, loadProject } from '../dataset/dataset.resolver.ts'
import { Project } from '../project/project.entity.ts'
import { usingProjects } from './usage.ts'

@InputType()
class ShareDatasetInput {
  @IsUUID()
  @Field(() => ID)
  datasetId!: string

  @Field(() => Boolean, { description: 'Whether everyone in the workspace may read it.' })
  public!: boolean
}

@ObjectType()
class ShareDatasetPayload {
  @Field(() => Dataset)
  dataset!: Dataset
}

@ObjectType({ description: 'Other projects with versions that were made from a dataset.' })
class DatasetUsage {
  @Field(() => Int)
  count!: number

  @Field(() => [Project], { description: 'Those of them that you may see.' })
  projects!: Project[]
}

@Resolver(() => Dataset)
export class SharingResolver {
  @Mutation(() => ShareDatasetPayload, {
    description:
      'Lets everyone in the workspace read a dataset with all its versions, or only its project again. For owners.',
  })
  shareDataset(
    @Arg('input', () => ShareDatasetInput) { datasetId, public: isPublic }: ShareDatasetInput,
    @Ctx() { access, database, bus }: DatasetContext,
  ): Promise<ShareDatasetPayload> {
    return database.transaction(async (manager) => {
      const dataset = await manager.findOne(Dataset, {
        where: { id: datasetId },
        lock: { mode: 'pessimistic_write' },
      })
      if (!dataset) throw notFound('dataset', datasetId)
      const { projectId, name } = dataset
      await access.requireProject(projectId, 'OWNER')
      if (dataset.public === isPublic) return { dataset }
      dataset.public = isPublic
      await manager.save(dataset)
      const actorId = access.requireSignedIn().userId
      await bus.emit(manager, DatasetSharedSchema, { projectId, datasetId, name, public: isPublic, actorId })
      return { dataset }
    })
  }

  @Query(() => DatasetConnection, {
    description: 'Datasets that everyone in the workspace may read, newest first.',
  })
  publicDatasets(
    @Args(() => ConnectionArguments) page: ConnectionArguments,
    @Ctx() { access, caller, database }: DatasetContext,
  ): Promise<Page<Dataset>> {
    if (caller.kind !== 'service') access.requireSignedIn()
    const query = database.getRepository(Dataset).createQueryBuilder('dataset').where('dataset.public')
    return keysetPage(query, page)
  }

  @FieldResolver(() => DatasetUsage)
  async usedByProjects(
    @Root() { id, projectId }: Dataset,
    @Ctx() context: DatasetContext,
  ): Promise<DatasetUsage> {
    const ids = await usingProjects(context.database.manager, { id, projectId })
    const projects: Project[] = []
    for (const one of ids) {
      const project = (await context.access.mayInProject(one, 'VIEWER')) && (await loadProject(context, one))
      if (project) projects.push(project)
    }
    return { count: ids.length, projects }
  }
}
