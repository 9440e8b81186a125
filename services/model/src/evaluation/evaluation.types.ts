import { GraphQLDateTime } from '@ymir/graphql'
import { Directive, Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql'
import type { EvaluationState } from './evaluation.entity.ts'

const EvaluationStateEnum: Readonly<Record<EvaluationState, EvaluationState>> = {
  RUNNING: 'RUNNING',
  SUCCEEDED: 'SUCCEEDED',
  FAILED: 'FAILED',
}
registerEnumType(EvaluationStateEnum, { name: 'EvaluationState' })

@ObjectType({ description: 'How well one class is found.' })
export class ClassEvaluation {
  @Field(() => String)
  label!: string

  @Field(() => Float, {
    nullable: true,
    description: 'Mean AP over IoU 0.5 to 0.95, 0 to 1; null without ground truth.',
  })
  ap!: number | null

  @Field(() => Float, { nullable: true, description: 'AP at IoU 0.5, 0 to 1.' })
  ap50!: number | null

  @Field(() => Int)
  groundTruthCount!: number

  @Field(() => Int)
  detectionCount!: number

  @Field(() => Int, { description: 'At IoU 0.5 and the score threshold of the evaluation.' })
  truePositives!: number

  @Field(() => Int)
  falsePositives!: number

  @Field(() => Int)
  falseNegatives!: number

  @Field(() => [Float], { description: 'At IoU 0.5: precision at recall 0, 0.01 ... 1.' })
  precisionAtRecall!: number[]

  @Field(() => [Float], { description: 'The recall of each: 0, 0.01 ... 1.' })
  recallPoints!: number[]

  @Field(() => [Float], {
    nullable: 'items',
    description: 'At IoU 0.5: the score threshold that gives each recall; null where it is not reached.',
  })
  scoreAtRecall!: (number | null)[]
}

@Directive('@key(fields: "id")')
@ObjectType({
  description: "A stage measured on a dataset version by the platform's own evaluator (COCO metrics).",
})
export class Evaluation {
  @Field(() => ID)
  id!: string

  @Field(() => EvaluationStateEnum)
  state!: EvaluationState

  @Field(() => String, { nullable: true })
  problem!: string | null

  @Field(() => ID, { description: 'The inference that gives its predictions.' })
  jobId!: string

  @Field(() => Float, { nullable: true, description: 'mAP at IoU 0.5, 0 to 1.' })
  map50!: number | null

  @Field(() => Float, { nullable: true, description: 'mAP over IoU 0.5 to 0.95, 0 to 1.' })
  map!: number | null

  @Field(() => GraphQLDateTime)
  createdAt!: Date

  @Field(() => GraphQLDateTime, { nullable: true })
  finishedAt!: Date | null
}

@ObjectType({
  description: 'How far map50 would move with another test set of this size (bootstrap over images).',
})
export class EvaluationInterval {
  @Field(() => Float)
  low!: number

  @Field(() => Float)
  high!: number

  @Field(() => Float, { description: 'Share of resampled test sets within, e.g. 0.95.' })
  confidence!: number
}
