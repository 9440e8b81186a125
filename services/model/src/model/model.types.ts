import { GraphQLDateTime, GraphQLJSON } from '@ymir/graphql'
import { Directive, Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql'
import type { ModelState } from './model.ts'

const ModelStateEnum: Readonly<Record<ModelState, ModelState>> = {
  TRAINING: 'TRAINING',
  EVALUATING: 'EVALUATING',
  READY: 'READY',
  FAILED: 'FAILED',
  CANCELLED: 'CANCELLED',
}
registerEnumType(ModelStateEnum, {
  name: 'ModelState',
  description: 'EVALUATING: trained; the best stage is being evaluated on the test version.',
})

@Directive('@key(fields: "id")')
@ObjectType({ description: 'What a training made: stages, of which one is best.' })
export class Model {
  @Field(() => ID)
  id!: string

  @Field(() => String)
  name!: string

  @Field(() => ModelStateEnum)
  state!: ModelState

  @Field(() => String, { nullable: true, description: 'What was wrong, and what to do.' })
  problem!: string | null

  @Field(() => ID, { description: 'Its training job.' })
  jobId!: string

  @Field(() => [String], { description: 'What it tells apart, in the order of its outputs.' })
  classes!: string[]

  @Field(() => String, {
    nullable: true,
    description: 'Revision of the executor image that trained it; its stages are used with the same.',
  })
  imageDigest!: string | null

  @Field(() => GraphQLJSON, { description: "Hyper-parameters over those of the image's template." })
  parameters!: Record<string, unknown>

  @Field(() => Int)
  gpuCount!: number

  @Field(() => Float, {
    nullable: true,
    description: "mAP at IoU 0.5 of the best stage on the test version by the platform's evaluator, 0 to 1.",
  })
  map50!: number | null

  @Field(() => GraphQLDateTime)
  createdAt!: Date

  @Field(() => GraphQLDateTime, { nullable: true })
  finishedAt!: Date | null
}

@ObjectType({ description: 'A file of a stage.' })
export class ModelFile {
  @Field(() => String)
  name!: string

  @Field(() => String)
  sha256!: string

  @Field(() => Float, { description: 'Bytes.' })
  size!: number

  @Field(() => String, { description: 'Path of the file at the gateway; ranges are answered.' })
  url!: string
}

@Directive('@key(fields: "id")')
@ObjectType({ description: 'A checkpoint of a training.' })
export class ModelStage {
  @Field(() => ID)
  id!: string

  @Field(() => String)
  name!: string

  @Field(() => Float, { nullable: true, description: 'mAP as the image reports it, 0 to 1.' })
  reportedMap!: number | null

  @Field(() => GraphQLJSON, { description: 'All metrics that the image reports.' })
  metrics!: Record<string, number>

  @Field(() => Boolean, { description: 'Whether the image calls it the best.' })
  best!: boolean

  @Field(() => GraphQLDateTime)
  savedAt!: Date
}
