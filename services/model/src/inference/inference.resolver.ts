import { readJsonLines, type Blobs } from '@ymir/blobs'
import { notFound, Prediction } from '@ymir/graphql'
import { ArrayMaxSize, ArrayMinSize, isUUID, IsUUID, Matches } from 'class-validator'
import {
  Arg,
  Ctx,
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
import type { ModelContext } from '../context.ts'
import type { PredictionLine } from '../evaluation/test-set.ts'
import type { ModelStageRow } from '../model/model.entity.ts'
import { ModelStage } from '../model/model.types.ts'
import { findModel, findStage } from '../model/stage.resolver.ts'
import { Job } from '../stubs.ts'
import { InferenceRow, type InferenceState, type Photo } from './inference.entity.ts'
import { startInference, takePhoto } from './inference.ts'

const InferenceStateEnum: Readonly<Record<InferenceState, InferenceState>> = {
  RUNNING: 'RUNNING',
  SUCCEEDED: 'SUCCEEDED',
  FAILED: 'FAILED',
}
registerEnumType(InferenceStateEnum, { name: 'InferenceState' })

@ObjectType({ description: 'An uploaded photo and what was found on it.' })
export class InferredPhoto {
  @Field(() => String)
  sha256!: string

  @Field(() => String, { description: 'Name of the uploaded file.' })
  name!: string

  @Field(() => Int)
  width!: number

  @Field(() => Int)
  height!: number

  predictionsSha256!: string | null
}

@ObjectType({ description: 'A model stage at work on uploaded photos.' })
export class Inference {
  @Field(() => ID)
  id!: string

  @Field(() => InferenceStateEnum)
  state!: InferenceState

  @Field(() => String, { nullable: true })
  problem!: string | null

  @Field(() => ID)
  jobId!: string
}

@InputType()
class InferPhotosInput {
  @IsUUID()
  @Field(() => ID)
  stageId!: string

  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @Matches(/^[A-Za-z0-9_-]+$/, { each: true })
  @Field(() => [ID], { description: 'Finished uploads (tus, /files/uploads).' })
  uploadIds!: string[]
}

@ObjectType()
class InferPhotosPayload {
  @Field(() => Inference)
  inference!: Inference
}

@Resolver(() => Inference)
export class InferenceResolver {
  @Query(() => Inference, { nullable: true })
  async inference(
    @Arg('id', () => ID) id: string,
    @Ctx() { access, database }: ModelContext,
  ): Promise<InferenceRow | null> {
    if (!isUUID(id)) return null
    const inference = await database.getRepository(InferenceRow).findOneBy({ id })
    return inference && (await access.mayInProject(inference.projectId, 'VIEWER')) ? inference : null
  }

  @Mutation(() => InferPhotosPayload, {
    description: 'Finds objects on photos. Returns at once; read it again until it ended.',
  })
  async inferPhotos(
    @Arg('input', () => InferPhotosInput) { stageId, uploadIds }: InferPhotosInput,
    @Ctx() context: ModelContext,
  ): Promise<InferPhotosPayload> {
    const { access, blobs, bus, database, uploads } = context
    const stage = await findStage(stageId, context)
    const model = stage && (await findModel(stage.modelId, context))
    if (!model) throw notFound('model stage', stageId)
    await access.requireProject(model.projectId, 'ANNOTATOR')
    const actorId = access.requireSignedIn().userId
    const photos: Photo[] = [] // one after the other: each is in memory whole
    for (const uploadId of uploadIds) photos.push(await takePhoto(blobs, uploads, uploadId, actorId))
    const request = { model, stage: stage as ModelStageRow, photos, actorId } // its model was found by it
    const inference = await database.transaction((manager) => startInference(manager, bus, request))
    return { inference }
  }

  @FieldResolver(() => ModelStage, { nullable: false })
  stage(@Root() { stageId }: InferenceRow, @Ctx() context: ModelContext): Promise<ModelStageRow | null> {
    return findStage(stageId, context)
  }

  @FieldResolver(() => Job, { nullable: true, description: 'Null until the executor has taken it.' })
  job(@Root() { jobId }: InferenceRow): Job {
    return { id: jobId }
  }

  @FieldResolver(() => [InferredPhoto])
  photos(@Root() { photos, predictionsSha256 }: InferenceRow): InferredPhoto[] {
    return photos.map((photo) => ({ ...photo, predictionsSha256 }))
  }
}

@Resolver(() => InferredPhoto)
export class InferredPhotoResolver {
  @Query(() => [String], {
    description:
      'Of some SHA-256, those of photos that inferences hold. For services, before they remove stored bytes.',
  })
  async heldPhotos(
    @Arg('sha256s', () => [String]) sha256s: string[],
    @Ctx() { access, database }: ModelContext,
  ): Promise<string[]> {
    access.requireService()
    const rows: { sha256: string }[] = await database.query(
      `select distinct photo->>'sha256' as sha256 from inference, jsonb_array_elements(photos) as photo
        where photo->>'sha256' = any($1::text[])`,
      [sha256s],
    )
    return rows.map(({ sha256 }) => sha256)
  }

  @FieldResolver(() => [Prediction], {
    description: 'Highest confidence first; empty until the inference succeeded.',
  })
  async predictions(
    @Root() { sha256, predictionsSha256 }: InferredPhoto,
    @Arg('threshold', () => Float, { defaultValue: 0.3, description: 'Lowest confidence, 0 to 1.' })
    threshold: number,
    @Ctx() { blobs, loader }: ModelContext,
  ): Promise<Prediction[]> {
    if (!predictionsSha256) return []
    const byPhoto = await loader<string, PredictionsByPhoto>('predictions', (ids) =>
      Promise.all(ids.map((id) => readPredictions(blobs, id))),
    ).load(predictionsSha256)
    return (byPhoto.get(sha256) ?? [])
      .filter(({ score }) => score >= threshold)
      .sort((a, b) => b.score - a.score)
  }
}

type PredictionsByPhoto = ReadonlyMap<string, PredictionLine['annotations']>

async function readPredictions(blobs: Blobs, sha256: string): Promise<PredictionsByPhoto> {
  const byPhoto = new Map<string, PredictionLine['annotations']>()
  for await (const { assetId, annotations } of readJsonLines<PredictionLine>(blobs.read(sha256)))
    byPhoto.set(assetId, annotations)
  return byPhoto
}
