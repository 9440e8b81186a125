import {
  ArrayMaxSize,
  ArrayMinSize,
  IsInt,
  IsNumber,
  IsOptional,
  IsUUID,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator'
import { Field, Float, ID, InputType, Int } from 'type-graphql'
import type { ClassShare } from '../strategy/budget.ts'
import { duplicateLimits } from '../strategy/duplicates.ts'
import type { StrategyName } from '../strategy/strategies.ts'
import { type ScoreAggregate, usualTopCount } from '../strategy/uncertainty.ts'
import { leastChunkSize, usualChunkSize } from './mining-task.ts'
import { MiningStrategyEnum, ScoreAggregateEnum } from './mining-task.type.ts'
import type { WeightedStrategy } from './ranking.ts'

@InputType({ description: 'A strategy, and the power with which it counts in a hybrid.' })
export class StrategyTermInput implements WeightedStrategy {
  @Field(() => MiningStrategyEnum)
  strategy!: StrategyName

  @IsNumber()
  @Min(0.01)
  @Max(100)
  @Field(() => Float, { defaultValue: 1, description: '0.01 to 100.' })
  weight!: number
}

@InputType({ description: 'The least share of the budget that goes to a class.' })
export class ClassShareInput implements ClassShare {
  @Length(1, 200)
  @Field(() => String, { description: 'A class of the model.' })
  label!: string

  @IsNumber()
  @Min(0)
  @Max(1)
  @Field(() => Float, {
    description:
      'Of the images, those in which the model found the class; of `budgetBoxes` where it is given, the boxes of the class. 0 to 1; all shares together 1 at most.',
  })
  share!: number
}

export const inWords = {
  strategy:
    'Left out: CLASS_BALANCE where the image says that it tells what it sees (`tellsDetails`), else ENTROPY, which any image can be asked for.',
  strategies:
    'A hybrid, instead of `strategy`: the product of the ranks by each strategy, each to the power of its weight. Only strategies that score single images.',
  aggregateCount: 'How many boxes TOP_MEAN counts: those with the highest scores.',
  scoreWithoutDetections:
    'Of an image in which nothing is found: with 0 it is taken last, with more than any other has (1 is enough for MAX, MEAN and TOP_MEAN of LEAST_CONFIDENCE and MARGIN) first. Images that score themselves know it as `score_without_detections`.',
  budgetBoxes:
    'How many boxes the model may have found in what is taken, at most: images that no longer fit are skipped. `topK` holds as well.',
  minShare:
    'Classes that get a share of the budget before the rest goes by the strategy, the rarest in the pool first.',
  deduplicate:
    'Leave out what repeats a better image of the batch, or what is excluded: in looks, or in what the model sees where the image tells embeddings. `duplicatesLeftOut` shows it.',
  duplicateHashBits: `In how many of 64 bits the perceptual hashes of images that count as the same may differ; ${duplicateLimits.hashBits} leaves room for other sizes and compression.`,
  duplicateEmbeddingDistance:
    'Cosine distance up to which what the model sees of two images counts as the same.',
}

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

  @IsOptional()
  @Field(() => MiningStrategyEnum, { nullable: true, description: inWords.strategy })
  strategy?: StrategyName | null

  @IsOptional()
  @ArrayMinSize(1)
  @ArrayMaxSize(5)
  @ValidateNested()
  @Field(() => [StrategyTermInput], { nullable: true, description: inWords.strategies })
  strategies?: StrategyTermInput[] | null

  @Field(() => ScoreAggregateEnum, { defaultValue: 'MAX' })
  aggregate!: ScoreAggregate

  @IsInt()
  @Min(1)
  @Max(1_000)
  @Field(() => Int, { defaultValue: usualTopCount, description: inWords.aggregateCount })
  aggregateCount!: number

  @IsNumber()
  @Min(0)
  @Max(1_000_000)
  @Field(() => Float, { defaultValue: 0, description: inWords.scoreWithoutDetections })
  scoreWithoutDetections!: number

  @IsInt()
  @Min(1)
  @Max(100_000)
  @Field(() => Int, { defaultValue: 20, description: 'How many assets to take, at most.' })
  topK!: number

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(10_000_000)
  @Field(() => Int, { nullable: true, description: inWords.budgetBoxes })
  budgetBoxes?: number | null

  @ArrayMaxSize(100)
  @ValidateNested()
  @Field(() => [ClassShareInput], { defaultValue: [], description: inWords.minShare })
  minShare!: ClassShareInput[]

  @Field(() => Boolean, { defaultValue: true, description: inWords.deduplicate })
  deduplicate!: boolean

  @IsInt()
  @Min(0)
  @Max(32)
  @Field(() => Int, { defaultValue: duplicateLimits.hashBits, description: inWords.duplicateHashBits })
  duplicateHashBits!: number

  @IsNumber()
  @Min(0)
  @Max(2)
  @Field(() => Float, {
    defaultValue: duplicateLimits.cosineDistance,
    description: inWords.duplicateEmbeddingDistance,
  })
  duplicateEmbeddingDistance!: number

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
  @Field(() => Int, {
    defaultValue: 0,
    description: 'For RANDOM, BADGE and TYPICLUST, and for dealing the assets into chunks.',
  })
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
