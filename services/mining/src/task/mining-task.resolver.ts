import { ConnectionArguments, connectionOf, fromCursor, keysetPage, notFound, type Page } from '@ymir/graphql'
import {
  Arg,
  Args,
  Ctx,
  Field,
  FieldResolver,
  ID,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql'
import { In } from 'typeorm'
import type { MiningContext } from '../context.ts'
import type { ClassShare } from '../strategy/budget.ts'
import { DatasetVersion, ExecutorImage, Job, ModelStage, Project } from '../stubs.ts'
import { checkImage, type ImageToMineWith, usualStrategy } from './image-check.ts'
import { MineInput } from './mine.input.ts'
import { MinedDuplicateRow } from './mined-duplicate.entity.ts'
import { MiningChunkRow } from './mining-chunk.entity.ts'
import { MinedAssetRow, MiningTaskRow } from './mining-task.entity.ts'
import { readStage, startMining } from './mining-task.ts'
import {
  type AssetOfTask,
  MinClassShare,
  type MinedAsset,
  MinedAssetConnection,
  type MinedDuplicate,
  MinedDuplicateConnection,
  MiningTask,
  MiningTaskConnection,
  StrategyTerm,
} from './mining-task.type.ts'
import { termsOf } from './settings.ts'

@ObjectType()
class MinePayload {
  @Field(() => MiningTask)
  miningTask!: MiningTask
}

const placeQuery = /* GraphQL */ `
  query PlaceOfMining($versionId: ID!, $executorImageId: ID!) {
    datasetVersion(id: $versionId) {
      assetCount
      project {
        id
      }
      dataset {
        name
      }
    }
    executorImage(id: $executorImageId) {
      name
      kinds
      enabled
      shared
      tellsDetails
    }
  }
`

interface PlaceAnswer {
  datasetVersion: {
    assetCount: number
    project: { id: string }
    dataset: { name: string }
  } | null
  executorImage: ImageToMineWith | null
}

/** The task, if the caller may see its project. */
export async function findMiningTask(
  id: string,
  { access, database, loader }: MiningContext,
): Promise<MiningTaskRow | null> {
  const task = await loader<string, MiningTaskRow | null>('miningTask', async (ids) => {
    const rows = await database.getRepository(MiningTaskRow).findBy({ id: In([...ids]) })
    return ids.map((one) => rows.find((row) => row.id === one) ?? null)
  }).load(id)
  return task && (await access.mayInProject(task.projectId, 'VIEWER')) ? task : null
}

@Resolver(() => MiningTask)
export class MiningTaskResolver {
  @Query(() => MiningTask, { nullable: true })
  miningTask(@Arg('id', () => ID) id: string, @Ctx() context: MiningContext): Promise<MiningTask | null> {
    return findMiningTask(id, context)
  }

  @Mutation(() => MinePayload, {
    description: 'Finds the images from which a model would learn most and makes a dataset version of them.',
  })
  async mine(
    @Arg('input', () => MineInput) input: MineInput,
    @Ctx() context: MiningContext,
  ): Promise<MinePayload> {
    const { projectId, versionId, stageId, executorImageId, excludeVersionIds, ...settings } = input
    const { access, bus, database, graph } = context
    await access.requireProject(projectId, 'EDITOR')
    const place = await graph.query<PlaceAnswer>(placeQuery, { versionId, executorImageId })
    if (place.datasetVersion?.project.id !== projectId)
      throw notFound('dataset version in this project', versionId)
    const { annotate } = settings
    checkImage(place.executorImage, executorImageId, { annotate, asAdministrator: access.isAdministrator() })
    const { stage, isTrainingKnown } = await readStage(graph, projectId, stageId)
    const { assetCount, dataset } = place.datasetVersion
    const resultDatasetName = `${dataset.name} mined`
    const actorId = access.requireSignedIn().userId
    const miningTask = await database.transaction((manager) =>
      startMining(manager, bus, {
        ...settings,
        strategy: settings.strategy ?? usualStrategy(place.executorImage, isTrainingKnown),
        projectId,
        executorImageId,
        versionId,
        assetCount,
        stage,
        iterationId: null,
        excludedVersionIds: excludeVersionIds,
        resultDatasetName,
        actorId,
      }),
    )
    return { miningTask }
  }

  @FieldResolver(() => Project)
  project(@Root() task: MiningTaskRow): Project {
    return { id: task.projectId }
  }

  @FieldResolver(() => DatasetVersion, { description: 'The version that is mined.' })
  version(@Root() task: MiningTaskRow): DatasetVersion {
    return { id: task.versionId }
  }

  @FieldResolver(() => ModelStage)
  stage(@Root() task: MiningTaskRow): ModelStage {
    return { id: task.stageId }
  }

  @FieldResolver(() => ExecutorImage)
  executorImage(@Root() task: MiningTaskRow): ExecutorImage {
    return { id: task.executorImageId }
  }

  @FieldResolver(() => ID)
  jobId(@Root() task: MiningTaskRow): string {
    return task.jobId
  }

  @FieldResolver(() => Job, {
    nullable: true,
    description: 'Of the latest chunk; null until the executor has taken it.',
  })
  job(@Root() task: MiningTaskRow): Job {
    return { id: task.jobId }
  }

  @FieldResolver(() => DatasetVersion, { nullable: true, description: 'The mined assets.' })
  result(@Root() task: MiningTaskRow): DatasetVersion | null {
    return task.state === 'SUCCEEDED' ? { id: task.resultVersionId } : null
  }

  @FieldResolver(() => [DatasetVersion], { description: 'Versions whose assets were not taken.' })
  excluded(@Root() task: MiningTaskRow): DatasetVersion[] {
    return task.excludedVersionIds.map((id) => ({ id }))
  }

  @FieldResolver(() => [StrategyTerm], { description: 'What it chooses by; several make a hybrid.' })
  strategies(@Root() task: MiningTaskRow): readonly StrategyTerm[] {
    return termsOf(task)
  }

  @FieldResolver(() => [MinClassShare], { description: 'Classes that got a share of the budget first.' })
  minShare(@Root() { minShare }: MiningTaskRow): readonly ClassShare[] {
    return minShare
  }

  @FieldResolver(() => Boolean, { description: 'Whether what repeats another was left out.' })
  deduplicate(@Root() { duplicateLimits }: MiningTaskRow): boolean {
    return duplicateLimits !== null
  }

  @FieldResolver(() => MinedDuplicateConnection, {
    description: 'What would have been mined, had it not repeated another.',
  })
  async duplicatesLeftOut(
    @Root() task: MiningTaskRow,
    @Args(() => ConnectionArguments) page: ConnectionArguments,
    @Ctx() { database }: MiningContext,
  ): Promise<Page<MinedDuplicate>> {
    const query = database
      .getRepository(MinedDuplicateRow)
      .createQueryBuilder('duplicate')
      .where('duplicate.miningTaskId = :id', { id: task.id })
    const counted = query.clone()
    if (page.after) query.andWhere('duplicate.number > :number', { number: fromCursor(page.after, 1)[0] })
    const rows = await query
      .orderBy('duplicate.number')
      .take(page.first + 1)
      .getMany()
    const duplicates = rows.map((row) => ({
      ...row,
      thumbnailUrl: `/files/thumbnails/${task.versionId}/${row.assetId}`,
    }))
    return connectionOf(
      duplicates,
      page,
      ({ number }) => [number],
      () => counted.getCount(),
    )
  }

  @FieldResolver(() => MinedAssetConnection, { description: 'Highest score first.' })
  async assets(
    @Root() task: MiningTaskRow,
    @Args(() => ConnectionArguments) page: ConnectionArguments,
    @Ctx() { database }: MiningContext,
  ): Promise<Page<MinedAsset>> {
    const query = database
      .getRepository(MinedAssetRow)
      .createQueryBuilder('mined')
      .where('mined.miningTaskId = :id', { id: task.id })
    const counted = query.clone()
    if (page.after) query.andWhere('mined.rank > :rank', { rank: fromCursor(page.after, 1)[0] })
    const rows = await query
      .orderBy('mined.rank')
      .take(page.first + 1)
      .getMany()
    const assets = rows.map((row): AssetOfTask => ({
      ...row,
      task,
      url: `/files/assets/${task.versionId}/${row.assetId}`,
      thumbnailUrl: `/files/thumbnails/${task.versionId}/${row.assetId}`,
    }))
    return connectionOf(
      assets,
      page,
      ({ rank }) => [rank],
      () => counted.getCount(),
    )
  }
}

@Resolver(() => Job)
export class JobMiningTaskResolver {
  @FieldResolver(() => MiningTask, {
    nullable: true,
    description: 'The mining task that waits for it; null when none does.',
  })
  async miningTask(
    @Root() { id }: Job,
    @Ctx() { access, database, loader }: MiningContext,
  ): Promise<MiningTask | null> {
    const task = await loader<string, MiningTaskRow | null>('mining task of job', async (jobIds) => {
      const chunks = await database.getRepository(MiningChunkRow).findBy({ jobId: In([...jobIds]) })
      const taskIds = new Map(chunks.map(({ jobId, miningTaskId }) => [jobId, miningTaskId]))
      const rows = await database.getRepository(MiningTaskRow).findBy({ id: In([...taskIds.values()]) })
      return jobIds.map((one) => rows.find(({ id: taskId }) => taskId === taskIds.get(one)) ?? null)
    }).load(id)
    return task && (await access.mayInProject(task.projectId, 'VIEWER')) ? task : null
  }
}

@Resolver(() => Project)
export class ProjectMiningTasksResolver {
  @FieldResolver(() => MiningTaskConnection, { description: 'Newest first.' })
  async miningTasks(
    @Root() project: Project,
    @Args(() => ConnectionArguments) page: ConnectionArguments,
    @Ctx() { access, database }: MiningContext,
  ): Promise<Page<MiningTask>> {
    await access.requireProject(project.id, 'VIEWER')
    const query = database
      .getRepository(MiningTaskRow)
      .createQueryBuilder('task')
      .where('task.projectId = :id', { id: project.id })
    return keysetPage(query, page)
  }
}
