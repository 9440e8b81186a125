import {
  Connection,
  ConnectionArguments,
  connectionOf,
  fromCursor,
  GraphQLDateTime,
  keysetPage,
  notFound,
  type Page,
} from '@ymir/graphql'
import { ArrayMaxSize, IsInt, IsUUID, Max, Min } from 'class-validator'
import {
  Arg,
  Args,
  Ctx,
  Directive,
  Field,
  FieldResolver,
  Float,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  registerEnumType,
  Resolver,
  Root,
} from 'type-graphql'
import { In } from 'typeorm'
import type { MiningContext } from '../context.ts'
import { DatasetVersion, ExecutorImage, Job, ModelStage, Project } from '../stubs.ts'
import { checkImage, type ImageToMineWith } from './image-check.ts'
import { MiningChunkRow } from './mining-chunk.entity.ts'
import { MinedAssetRow, MiningTaskRow } from './mining-task.entity.ts'
import {
  leastChunkSize,
  miningStrategies,
  readStage,
  startMining,
  type MiningStrategy,
  type MiningTaskState,
  type ScoreAggregate,
  usualChunkSize,
} from './mining-task.ts'

const enumOf = <Value extends string>(...values: Value[]) =>
  Object.fromEntries(values.map((value) => [value, value])) as Record<Value, Value> // exactly these keys

export const MiningStrategyEnum = enumOf<MiningStrategy>(...miningStrategies)
registerEnumType(MiningStrategyEnum, {
  name: 'MiningStrategy',
  description:
    'How images are chosen. RANDOM (the peer to beat), ENTROPY, LEAST_CONFIDENCE and MARGIN are scored by the executor image; the others are chosen by the platform from what the image tells of each, and fail in words when it tells too little.',
})
export const ScoreAggregateEnum = enumOf<ScoreAggregate>('MAX', 'MEAN', 'SUM')
registerEnumType(ScoreAggregateEnum, {
  name: 'ScoreAggregate',
  description: 'How the doubts about the boxes of an image become the score of the image.',
})
const MiningTaskStateEnum = enumOf<MiningTaskState>('MINING', 'TAKING', 'SUCCEEDED', 'FAILED', 'CANCELLED')
registerEnumType(MiningTaskStateEnum, {
  name: 'MiningTaskState',
  description: 'MINING: the job runs. TAKING: the mined assets are being made a dataset version.',
})

@ObjectType({ description: 'An asset that was mined.' })
export class MinedAsset {
  @Field(() => ID, { description: 'SHA-256 of the image.' })
  assetId!: string

  @Field(() => Int, { description: '1 for the asset from which the model would learn most.' })
  rank!: number

  @Field(() => Float, { description: 'As the image gave it; comparable within a task only.' })
  score!: number

  @Field(() => String, { description: 'Path of the image at the gateway.' })
  url!: string

  @Field(() => String, { description: 'Path of a small image at the gateway; add ?size= for another size.' })
  thumbnailUrl!: string
}

/** With the task whose job looked at it. */
export interface AssetOfTask extends MinedAsset {
  readonly task: MiningTaskRow
}
const MinedAssetConnection = Connection('MinedAsset', () => MinedAsset)

@Directive('@key(fields: "id")')
@ObjectType({ description: 'A search for the images from which a model would learn most.' })
export class MiningTask {
  @Field(() => ID)
  id!: string

  @Field(() => MiningTaskStateEnum)
  state!: MiningTaskState

  @Field(() => String, { nullable: true, description: 'What was wrong, and what to do.' })
  problem!: string | null

  @Field(() => MiningStrategyEnum)
  strategy!: MiningStrategy

  @Field(() => ScoreAggregateEnum)
  aggregate!: ScoreAggregate

  @Field(() => Int, { description: 'How many assets were asked for; once taken, how many there were.' })
  topK!: number

  @Field(() => Int, { description: 'In how many parts the version is mined, one job after the other.' })
  chunkCount!: number

  @Field(() => Int, { description: 'How many of them are scored.' })
  chunksDone!: number

  @Field(() => Boolean, { description: 'Whether the model pre-annotated as well.' })
  annotate!: boolean

  @Field(() => GraphQLDateTime)
  createdAt!: Date

  @Field(() => GraphQLDateTime, { nullable: true })
  finishedAt!: Date | null
}
const MiningTaskConnection = Connection('MiningTask', () => MiningTask)

@InputType()
export class MineInput {
  @IsUUID()
  @Field(() => ID)
  projectId!: string

  @IsUUID()
  @Field(() => ID, { description: 'The dataset version to mine.' })
  versionId!: string

  @IsUUID()
  @Field(() => ID, { description: 'The model stage that looks at the images.' })
  stageId!: string

  @IsUUID()
  @Field(() => ID)
  executorImageId!: string

  @Field(() => MiningStrategyEnum, { defaultValue: 'ENTROPY' })
  strategy!: MiningStrategy

  @Field(() => ScoreAggregateEnum, { defaultValue: 'MAX' })
  aggregate!: ScoreAggregate

  @IsInt()
  @Min(1)
  @Max(100_000)
  @Field(() => Int, { defaultValue: 20, description: 'How many assets to take.' })
  topK!: number

  @Field(() => Boolean, { defaultValue: true, description: 'Also pre-annotate.' })
  annotate!: boolean

  @ArrayMaxSize(100)
  @IsUUID(undefined, { each: true })
  @Field(() => [ID], {
    defaultValue: [],
    description: 'Assets of these versions are not taken, e.g. of the training set.',
  })
  excludeVersionIds!: string[]

  @Field(() => Boolean, {
    defaultValue: true,
    description: 'Do not take what was mined before in this project.',
  })
  excludeMined!: boolean

  @IsInt()
  @Min(0)
  @Max(2_147_483_647)
  @Field(() => Int, { defaultValue: 0, description: 'For RANDOM, and for dealing the assets into chunks.' })
  seed!: number

  @IsInt()
  @Min(leastChunkSize)
  @Max(1_000_000)
  @Field(() => Int, {
    defaultValue: usualChunkSize,
    description:
      'About how many assets a job looks at. A larger version is mined by several jobs, one after the other; after a failure only the one that failed is tried again.',
  })
  chunkSize!: number
}

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
    const stage = await readStage(graph, projectId, stageId)
    const { assetCount, dataset } = place.datasetVersion
    const resultDatasetName = `${dataset.name} mined`
    const actorId = access.requireSignedIn().userId
    const miningTask = await database.transaction((manager) =>
      startMining(manager, bus, {
        ...settings,
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
