import { gainInWorker, recallPoints } from '@ymir/detection'
import { DomainError, GraphQLJSON, notFound } from '@ymir/graphql'
import { isUUID, IsUUID } from 'class-validator'
import {
  Arg,
  Ctx,
  Field,
  FieldResolver,
  ID,
  InputType,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql'
import { In } from 'typeorm'
import type { ModelContext } from '../context.ts'
import { ModelRow, ModelStageRow } from '../model/model.entity.ts'
import { Model, ModelStage } from '../model/model.types.ts'
import { findModel, findStage } from '../model/stage.resolver.ts'
import { DatasetVersion, Job } from '../stubs.ts'
import { EvaluationRow } from './evaluation.entity.ts'
import { startEvaluation } from './evaluation.ts'
import { ClassEvaluation, Evaluation, EvaluationInterval } from './evaluation.types.ts'
import { readDetections, readGroundTruth } from './test-set.ts'

@InputType()
class EvaluateStageInput {
  @IsUUID()
  @Field(() => ID)
  stageId!: string

  @IsUUID()
  @Field(() => ID)
  versionId!: string
}

@ObjectType()
class EvaluateStagePayload {
  @Field(() => Evaluation)
  evaluation!: Evaluation
}

const versionQuery = /* GraphQL */ `
  query VersionToEvaluateOn($versionId: ID!) {
    datasetVersion(id: $versionId) {
      assetCount
      project {
        id
      }
    }
  }
`

/** The evaluation, if the caller may see its project. */
export async function findEvaluation(
  id: string,
  { access, database, loader }: ModelContext,
): Promise<EvaluationRow | null> {
  if (!isUUID(id)) return null
  const evaluation = await loader<string, EvaluationRow | null>('evaluation', async (ids) => {
    const rows = await database.getRepository(EvaluationRow).findBy({ id: In([...ids]) })
    return ids.map((one) => rows.find((row) => row.id === one) ?? null)
  }).load(id)
  return evaluation && (await access.mayInProject(evaluation.projectId, 'VIEWER')) ? evaluation : null
}

@Resolver(() => Evaluation)
export class EvaluationResolver {
  @Query(() => Evaluation, { nullable: true })
  evaluation(@Arg('id', () => ID) id: string, @Ctx() context: ModelContext): Promise<Evaluation | null> {
    return findEvaluation(id, context)
  }

  @Query(() => EvaluationInterval, {
    nullable: true,
    description:
      'How much more map50 one evaluation has than another on the same version, with its 95 % interval: when it lies ' +
      'above 0, the gain exceeds the noise of the test set. Null without ground truth.',
  })
  async evaluationGain(
    @Arg('fromId', () => ID) fromId: string,
    @Arg('toId', () => ID) toId: string,
    @Ctx() context: ModelContext,
  ): Promise<EvaluationInterval | null> {
    const { blobs, database, graph } = context
    const [from, to] = [await findEvaluation(fromId, context), await findEvaluation(toId, context)]
    if (!from) throw notFound('evaluation', fromId)
    if (!to) throw notFound('evaluation', toId)
    if (from.versionId !== to.versionId)
      throw new DomainError(
        'BAD_USER_INPUT',
        'the evaluations are on different dataset versions: compare like with like',
      )
    if (!from.predictionsSha256 || !to.predictionsSha256)
      throw new DomainError('CONFLICT', 'an evaluation has no predictions yet: wait until both succeeded')
    const stage = await database.getRepository(ModelStageRow).findOneByOrFail({ id: from.stageId })
    const { classes } = await database.getRepository(ModelRow).findOneByOrFail({ id: stage.modelId })
    const before = await readDetections(blobs, from.predictionsSha256)
    const after = await readDetections(blobs, to.predictionsSha256)
    const truth = await readGroundTruth(graph, blobs, from.versionId)
    return gainInWorker({ labels: classes, ...truth }, { before, after }, { seed: 1, resamples: 1000 })
  }

  @Mutation(() => EvaluateStagePayload, {
    description: 'Measures a stage on a dataset version of its project.',
  })
  async evaluateStage(
    @Arg('input', () => EvaluateStageInput) { stageId, versionId }: EvaluateStageInput,
    @Ctx() context: ModelContext,
  ): Promise<EvaluateStagePayload> {
    const { access, bus, database, graph } = context
    const stage = await findStage(stageId, context)
    const model = stage && (await findModel(stage.modelId, context))
    if (!model) throw notFound('model stage', stageId)
    await access.requireProject(model.projectId, 'EDITOR')
    const actorId = access.requireSignedIn().userId
    const { datasetVersion } = await graph.query<{
      datasetVersion: { assetCount: number; project: { id: string } } | null
    }>(versionQuery, { versionId })
    if (datasetVersion?.project.id !== model.projectId)
      throw notFound('dataset version in this project', versionId)
    if (!datasetVersion.assetCount)
      throw new DomainError('BAD_USER_INPUT', 'the dataset version is empty', { field: 'versionId' })
    const request = { model, stage: stage as ModelStageRow, versionId, ofTraining: false, actorId } // its model was found by it
    const evaluation = await database.transaction((manager) => startEvaluation(manager, bus, request))
    return { evaluation }
  }

  @FieldResolver(() => ModelStage, { nullable: false })
  stage(@Root() { stageId }: EvaluationRow, @Ctx() context: ModelContext): Promise<ModelStageRow | null> {
    return findStage(stageId, context)
  }

  @FieldResolver(() => DatasetVersion)
  version(@Root() { versionId }: EvaluationRow): DatasetVersion {
    return { id: versionId }
  }

  @FieldResolver(() => Job, { nullable: true, description: 'Null until the executor has taken it.' })
  job(@Root() { jobId }: EvaluationRow): Job {
    return { id: jobId }
  }

  @FieldResolver(() => GraphQLJSON, {
    nullable: true,
    description: "COCO's twelve figures under their usual names, 0 to 1.",
  })
  summary(@Root() { result }: EvaluationRow): object | null {
    return result?.summary ?? null
  }

  @FieldResolver(() => EvaluationInterval, { nullable: true })
  interval(@Root() { result }: EvaluationRow): EvaluationInterval | null {
    return result?.ap50Interval ?? null
  }

  @FieldResolver(() => [ClassEvaluation], { description: 'By class, once it succeeded.' })
  classes(@Root() { result }: EvaluationRow): ClassEvaluation[] {
    return (result?.perLabel ?? []).map((one) => ({
      ...one,
      precisionAtRecall: [...one.precisionAtRecall],
      scoreAtRecall: [...one.scoreAtRecall],
      recallPoints: one.precisionAtRecall.length ? [...recallPoints] : [],
    }))
  }
}

@Resolver(() => DatasetVersion)
export class VersionEvaluationsResolver {
  @FieldResolver(() => [Model], { description: 'Models trained on this version.' })
  async models(
    @Root() { id }: DatasetVersion,
    @Ctx() { access, database, loader }: ModelContext,
  ): Promise<ModelRow[]> {
    const models = await loader<string, ModelRow[]>('models by training version', async (ids) => {
      const rows = await database.getRepository(ModelRow).findBy({ trainingVersionId: In([...ids]) })
      return ids.map((one) => rows.filter(({ trainingVersionId }) => trainingVersionId === one))
    }).load(id)
    return visible(models, access)
  }

  @FieldResolver(() => [Evaluation], { description: 'Evaluations on this version, newest first.' })
  async evaluations(
    @Root() { id }: DatasetVersion,
    @Ctx() { access, database, loader }: ModelContext,
  ): Promise<EvaluationRow[]> {
    const found = await loader<string, EvaluationRow[]>('evaluations on version', async (ids) => {
      const rows = await database
        .getRepository(EvaluationRow)
        .find({ where: { versionId: In([...ids]) }, order: { createdAt: 'DESC' } })
      return ids.map((one) => rows.filter(({ versionId }) => versionId === one))
    }).load(id)
    return visible(found, access)
  }
}

async function visible<Row extends { projectId: string }>(
  rows: Row[],
  access: ModelContext['access'],
): Promise<Row[]> {
  const may = await Promise.all(rows.map(({ projectId }) => access.mayInProject(projectId, 'VIEWER')))
  return rows.filter((_, index) => may[index])
}
