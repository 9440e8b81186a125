import { GraphQLDateTime, GraphQLJSON } from '@ymir/graphql'
import {
  ArrayMaxSize,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsUUID,
  Max,
  Min,
  ValidateNested,
} from 'class-validator'
import { Directive, Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import type { StrategyName } from '../strategy/strategies.ts'
import type { ScoreAggregate } from '../strategy/uncertainty.ts'
import { ClassShareInput, inWords, StrategyTermInput } from '../task/mine.input.ts'
import { MiningStrategyEnum, ScoreAggregateEnum } from '../task/mining-task.type.ts'
import type { IterationChoice } from './next-round.ts'
import { vendorsAtMost } from './step-parameters.ts'
import type { StepName, StepState } from './step.ts'

export const IterationStepName = {
  PREPARE: 'PREPARE',
  MINE: 'MINE',
  LABEL: 'LABEL',
  MERGE: 'MERGE',
  TRAIN: 'TRAIN',
} as const
registerEnumType(IterationStepName, {
  name: 'IterationStepName',
  description:
    'PREPARE: the pool without what is in training or was mined. MINE: choose the most instructive images. ' +
    'LABEL: have them labelled. MERGE: add them to the training set. TRAIN: train on it.',
})
export const StepStateEnum = {
  WAITING: 'WAITING',
  RUNNING: 'RUNNING',
  SUCCEEDED: 'SUCCEEDED',
  FAILED: 'FAILED',
  CANCELLED: 'CANCELLED',
} as const
registerEnumType(StepStateEnum, { name: 'StepState' })

@ObjectType({ description: 'One step of a round.' })
export class IterationStep {
  @Field(() => IterationStepName)
  name!: StepName

  @Field(() => StepStateEnum)
  state!: StepState

  @Field(() => String, { nullable: true, description: 'What was wrong, and what to do.' })
  problem!: string | null

  @Field(() => Int, { nullable: true, description: 'Assets in the version that it made.' })
  assetCount!: number | null

  @Field(() => GraphQLDateTime, { nullable: true })
  startedAt!: Date | null

  @Field(() => GraphQLDateTime, { nullable: true })
  finishedAt!: Date | null
}

@Directive('@key(fields: "id")')
@ObjectType({ description: 'One round: prepare, mine, label, merge, train.' })
export class Iteration {
  @Field(() => ID)
  id!: string

  @Field(() => Int, {
    description: '1 for the first of the project; a branch counts on from where it begins.',
  })
  round!: number

  @Field(() => GraphQLDateTime)
  createdAt!: Date
}

/** What a round is done with. */
@InputType()
export abstract class RoundSettingsInput implements Omit<IterationChoice, 'automatic'> {
  @IsOptional()
  @IsUUID()
  @Field(() => ID, { nullable: true })
  testVersionId?: string

  @IsOptional()
  @IsUUID()
  @Field(() => ID, { nullable: true, description: 'Mines and trains.' })
  executorImageId?: string

  @Field(() => MiningStrategyEnum, {
    nullable: true,
    description: `${inWords.strategy} Later rounds take it over.`,
  })
  strategy?: StrategyName

  @IsOptional()
  @ArrayMaxSize(5)
  @ValidateNested()
  @Field(() => [StrategyTermInput], {
    nullable: true,
    description: `${inWords.strategies} An empty list goes back to \`strategy\`.`,
  })
  strategies?: StrategyTermInput[]

  @Field(() => ScoreAggregateEnum, { nullable: true, description: 'MAX in the first round.' })
  aggregate?: ScoreAggregate

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000)
  @Field(() => Int, { nullable: true, description: inWords.aggregateCount })
  aggregateCount?: number

  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(1_000_000)
  @Field(() => Float, { nullable: true, description: inWords.scoreWithoutDetections })
  scoreWithoutDetections?: number

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100_000)
  @Field(() => Int, {
    nullable: true,
    description: 'How many assets to mine, at most; 20 in the first round.',
  })
  topK?: number

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(10_000_000)
  @Field(() => Int, { nullable: true, description: `${inWords.budgetBoxes} 0: any number.` })
  budgetBoxes?: number

  @IsOptional()
  @ArrayMaxSize(100)
  @ValidateNested()
  @Field(() => [ClassShareInput], { nullable: true, description: inWords.minShare })
  minShare?: ClassShareInput[]

  @Field(() => Boolean, { nullable: true, description: `${inWords.deduplicate} True in the first round.` })
  deduplicate?: boolean

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(32)
  @Field(() => Int, { nullable: true, description: inWords.duplicateHashBits })
  duplicateHashBits?: number

  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(2)
  @Field(() => Float, { nullable: true, description: inWords.duplicateEmbeddingDistance })
  duplicateEmbeddingDistance?: number

  @Field(() => Boolean, {
    nullable: true,
    description: 'Pre-annotate what is mined; true in the first round.',
  })
  annotate?: boolean

  @Field(() => Boolean, {
    nullable: true,
    description: 'Show the labellers the ground truth that is there already.',
  })
  keepAnnotations?: boolean

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(2_147_483_647)
  @Field(() => Int, { nullable: true, description: 'For RANDOM, BADGE and TYPICLUST.' })
  seed?: number

  @IsOptional()
  @IsUUID()
  @Field(() => ID, {
    nullable: true,
    description: 'Answers the labelling task; null, or left out in the first round: people do.',
  })
  automaticLabellerId?: string | null

  @IsOptional()
  @ArrayMaxSize(vendorsAtMost)
  @IsUUID(undefined, { each: true })
  @Field(() => [ID], {
    nullable: true,
    description: 'Vendors that label, a round each in turn, in place of people or an automatic labeller.',
  })
  vendorIds?: string[]

  @IsOptional()
  @IsObject()
  @Field(() => GraphQLJSON, { nullable: true, description: "Hyper-parameters over the image's template." })
  trainingParameters?: Record<string, unknown>

  @Field(() => Boolean, {
    nullable: true,
    description: 'Train from the model before, not from scratch; true at first.',
  })
  warmStart?: boolean

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(64)
  @Field(() => Int, { nullable: true, description: '0: a CPU slot.' })
  gpuCount?: number
}

/** What a round is done with, and where it begins. */
@InputType()
export abstract class RoundChoiceInput extends RoundSettingsInput {
  @IsOptional()
  @IsUUID()
  @Field(() => ID, { nullable: true, description: 'The pool. Left out: what the round before left of it.' })
  miningVersionId?: string

  @IsOptional()
  @IsUUID()
  @Field(() => ID, {
    nullable: true,
    description: 'Left out: the training set of the round before, with what it added.',
  })
  trainingVersionId?: string

  @IsOptional()
  @IsUUID()
  @Field(() => ID, {
    nullable: true,
    description: 'The model that mines. Left out: that of the round before.',
  })
  startModelId?: string
}

@InputType()
export class StartIterationInput extends RoundChoiceInput {
  @IsUUID()
  @Field(() => ID)
  projectId!: string

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether each step runs as soon as the one before it succeeded; true at first.',
  })
  automatic?: boolean
}

@InputType()
export class RunIterationStepInput {
  @IsUUID()
  @Field(() => ID)
  iterationId!: string

  @Field(() => IterationStepName)
  step!: StepName

  @IsOptional()
  @IsObject()
  @Field(() => GraphQLJSON, {
    nullable: true,
    description:
      "Over the iteration's settings, for this run. PREPARE also takes versionId, the pool, and excludeVersionIds; " +
      'LABEL classes and review; MERGE versionIds; TRAIN testVersionId.',
  })
  parameters?: Record<string, unknown>
}

@InputType()
export class CancelIterationInput {
  @IsUUID()
  @Field(() => ID)
  iterationId!: string
}

@ObjectType()
export class IterationPayload {
  @Field(() => Iteration)
  iteration!: Iteration
}
