import { randomUUID } from 'node:crypto'
import {
  Connection,
  ConnectionArguments,
  DomainError,
  GraphQLJSON,
  keysetPage,
  notFound,
  type Page,
} from '@ymir/graphql'
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsInt,
  IsObject,
  IsOptional,
  IsUUID,
  Length,
  Max,
  MaxLength,
  Min,
} from 'class-validator'
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
import { In } from 'typeorm'
import type { ModelContext } from '../context.ts'
import { EvaluationRow } from '../evaluation/evaluation.entity.ts'
import { Evaluation } from '../evaluation/evaluation.types.ts'
import { DatasetVersion, ExecutorImage, Job, Project, User } from '../stubs.ts'
import type { ModelStageRow } from './model.entity.ts'
import { ModelRow } from './model.entity.ts'
import { startTraining } from './model.ts'
import { Model, ModelStage } from './model.types.ts'
import { findModel, findStage, stagesOf } from './stage.resolver.ts'

export { findModel }

const ModelConnection = Connection('Model', () => Model)

@InputType()
class TrainModelInput {
  @IsUUID()
  @Field(() => ID)
  projectId!: string

  @Length(1, 100)
  @Field(() => String, { description: 'Unique in the project.' })
  name!: string

  @IsUUID()
  @Field(() => ID)
  trainingVersionId!: string

  @IsUUID()
  @Field(() => ID, { description: 'For validation during the training and for the evaluation after it.' })
  testVersionId!: string

  @IsUUID()
  @Field(() => ID)
  executorImageId!: string

  @IsOptional()
  @ArrayMinSize(1)
  @ArrayMaxSize(1000)
  @MaxLength(100, { each: true })
  @Field(() => [String], { nullable: true, description: "Left out: the project's." })
  classes?: string[]

  @IsOptional()
  @IsUUID()
  @Field(() => ID, { nullable: true, description: 'The stage to start from. Left out: from scratch.' })
  startStageId?: string

  @IsOptional()
  @IsObject()
  @Field(() => GraphQLJSON, {
    nullable: true,
    description: "Hyper-parameters over those of the image's template.",
  })
  parameters?: Record<string, unknown>

  @IsInt()
  @Min(0)
  @Max(64)
  @Field(() => Int, { defaultValue: 0, description: '0: a CPU slot.' })
  gpuCount!: number
}

@ObjectType()
class TrainModelPayload {
  @Field(() => Model)
  model!: Model
}

const trainingQuery = /* GraphQL */ `
  query PartsOfTraining($projectId: ID!, $training: ID!, $test: ID!, $executorImageId: ID!) {
    project(id: $projectId) {
      classes
    }
    training: datasetVersion(id: $training) {
      assetCount
      project {
        id
      }
    }
    test: datasetVersion(id: $test) {
      assetCount
      project {
        id
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

interface VersionOfTraining {
  assetCount: number
  project: { id: string }
}
interface PartsOfTraining {
  project: { classes: string[] } | null
  training: VersionOfTraining | null
  test: VersionOfTraining | null
  executorImage: { name: string; kinds: string[]; enabled: boolean; shared: boolean } | null
}

@Resolver(() => Model)
export class ModelResolver {
  @Query(() => Model, { nullable: true })
  model(@Arg('id', () => ID) id: string, @Ctx() context: ModelContext): Promise<Model | null> {
    return findModel(id, context)
  }

  @Mutation(() => TrainModelPayload, {
    description:
      'Trains a model and evaluates its best stage. Returns at once; follow it by `jobProgress` and `modelStages`.',
  })
  async trainModel(
    @Arg('input', () => TrainModelInput) input: TrainModelInput,
    @Ctx() context: ModelContext,
  ): Promise<TrainModelPayload> {
    const { access, bus, database } = context
    const { projectId, classes, startStageId, parameters = {}, ...rest } = input
    await access.requireProject(projectId, 'EDITOR')
    const actorId = access.requireSignedIn().userId
    const startStage = startStageId ? await this.stageInProject(startStageId, projectId, context) : null
    const projectClasses = await this.checkParts(input, context)
    const request = {
      ...rest,
      parameters,
      projectId,
      startStage,
      classes: classes ?? projectClasses,
      modelId: randomUUID(),
      actorId,
    }
    const model = await database
      .transaction((manager) => startTraining(manager, bus, request))
      .catch((error: { driverError?: { code?: string } }) => {
        if (error.driverError?.code !== '23505') throw error
        throw new DomainError(
          'CONFLICT',
          `the project has a model "${input.name}" already: choose another name`,
          { field: 'name' },
        )
      })
    return { model }
  }

  /** @returns the project's classes */
  private async checkParts(input: TrainModelInput, { graph, access }: ModelContext): Promise<string[]> {
    const { projectId, trainingVersionId, testVersionId, executorImageId } = input
    const variables = { projectId, training: trainingVersionId, test: testVersionId, executorImageId }
    const { project, training, test, executorImage } = await graph.query<PartsOfTraining>(
      trainingQuery,
      variables,
    )
    if (!project) throw notFound('project', projectId)
    if (training?.project.id !== projectId)
      throw notFound('dataset version in this project', trainingVersionId)
    if (test?.project.id !== projectId) throw notFound('dataset version in this project', testVersionId)
    if (!training.assetCount)
      throw new DomainError('BAD_USER_INPUT', 'the training version is empty', { field: 'trainingVersionId' })
    if (!test.assetCount)
      throw new DomainError('BAD_USER_INPUT', 'the test version is empty', { field: 'testVersionId' })
    if (!executorImage || !(executorImage.shared || access.isAdministrator()))
      throw notFound('executor image', executorImageId)
    if (!executorImage.enabled || !executorImage.kinds.includes('TRAINING'))
      throw new DomainError(
        'CONFLICT',
        `executor image ${executorImage.name} is disabled or does not train: choose another`,
      )
    return project.classes
  }

  private async stageInProject(
    stageId: string,
    projectId: string,
    context: ModelContext,
  ): Promise<ModelStageRow> {
    const stage = await findStage(stageId, context)
    const model = stage && (await findModel(stage.modelId, context))
    if (model?.projectId !== projectId) throw notFound('model stage in this project', stageId)
    return stage as ModelStageRow // its model was found by it
  }

  @FieldResolver(() => Project)
  project(@Root() { projectId }: ModelRow): Project {
    return { id: projectId }
  }

  @FieldResolver(() => Job, { nullable: true, description: 'Null until the executor has taken it.' })
  job(@Root() { jobId }: ModelRow): Job {
    return { id: jobId }
  }

  @FieldResolver(() => DatasetVersion)
  trainingVersion(@Root() { trainingVersionId }: ModelRow): DatasetVersion {
    return { id: trainingVersionId }
  }

  @FieldResolver(() => DatasetVersion)
  testVersion(@Root() { testVersionId }: ModelRow): DatasetVersion {
    return { id: testVersionId }
  }

  @FieldResolver(() => ExecutorImage)
  executorImage(@Root() { executorImageId }: ModelRow): ExecutorImage {
    return { id: executorImageId }
  }

  @FieldResolver(() => User)
  createdBy(@Root() { createdBy }: ModelRow): User {
    return { id: createdBy }
  }

  @FieldResolver(() => ModelStage, { nullable: true, description: 'Null: trained from scratch.' })
  startStage(
    @Root() { startStageId }: ModelRow,
    @Ctx() context: ModelContext,
  ): Promise<ModelStageRow | null> | null {
    return startStageId ? findStage(startStageId, context) : null
  }

  @FieldResolver(() => [ModelStage], { description: 'Oldest first.' })
  stages(@Root() { id }: ModelRow, @Ctx() context: ModelContext): Promise<ModelStageRow[]> {
    return stagesOf(id, context)
  }

  @FieldResolver(() => ModelStage, { nullable: true })
  bestStage(
    @Root() { bestStageId }: ModelRow,
    @Ctx() context: ModelContext,
  ): Promise<ModelStageRow | null> | null {
    return bestStageId ? findStage(bestStageId, context) : null
  }

  @FieldResolver(() => [Evaluation], { description: 'Of all its stages, newest first.' })
  evaluations(@Root() { id }: ModelRow, @Ctx() context: ModelContext): Promise<EvaluationRow[]> {
    const { database, loader } = context
    return loader<string, EvaluationRow[]>('evaluations of model', async (ids) => {
      const stages = (await Promise.all(ids.map((one) => stagesOf(one, context)))).flat()
      const modelOf = new Map(stages.map((stage) => [stage.id, stage.modelId]))
      const rows = await database
        .getRepository(EvaluationRow)
        .find({ where: { stageId: In([...modelOf.keys()]) }, order: { createdAt: 'DESC' } })
      return ids.map((one) => rows.filter(({ stageId }) => modelOf.get(stageId) === one))
    }).load(id)
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Path of the model package at the gateway, when READY.',
  })
  packageUrl(@Root() { id, state }: ModelRow): string | null {
    return state === 'READY' ? `/files/models/${id}.tar.gz` : null
  }
}

@Resolver(() => Project)
export class ProjectModelsResolver {
  @FieldResolver(() => ModelConnection, { description: 'Newest first.' })
  async models(
    @Root() { id }: Project,
    @Args(() => ConnectionArguments) page: ConnectionArguments,
    @Ctx() { access, database }: ModelContext,
  ): Promise<Page<Model>> {
    await access.requireProject(id, 'VIEWER')
    const query = database
      .getRepository(ModelRow)
      .createQueryBuilder('model')
      .where('model.projectId = :id', { id })
    return keysetPage(query, page)
  }
}
