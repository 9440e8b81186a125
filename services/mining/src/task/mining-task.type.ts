import { Connection, GraphQLDateTime } from '@ymir/graphql'
import { Directive, Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql'
import { type Likeness, likenesses } from '../strategy/duplicates.ts'
import { type StrategyName, strategyNames } from '../strategy/strategies.ts'
import type { ScoreAggregate } from '../strategy/uncertainty.ts'
import type { MiningTaskRow } from './mining-task.entity.ts'
import type { MiningTaskState } from './mining-task.ts'

const enumOf = <Value extends string>(...values: readonly Value[]) =>
  Object.fromEntries(values.map((value) => [value, value])) as Record<Value, Value> // exactly these keys

export const MiningStrategyEnum = enumOf(...strategyNames)
registerEnumType(MiningStrategyEnum, {
  name: 'MiningStrategy',
  description:
    'How images are chosen. RANDOM is the peer to beat, and needs nothing of the image; ENTROPY, LEAST_CONFIDENCE and MARGIN are scored by the executor image; the others are chosen by the platform from what the image tells of each, and fail in words when it tells too little.',
})
export const ScoreAggregateEnum = enumOf<ScoreAggregate>('MAX', 'MEAN', 'SUM', 'TOP_MEAN')
registerEnumType(ScoreAggregateEnum, {
  name: 'ScoreAggregate',
  description: 'How the doubts about the boxes of an image become the score of the image.',
})
const MiningTaskStateEnum = enumOf<MiningTaskState>('MINING', 'TAKING', 'SUCCEEDED', 'FAILED', 'CANCELLED')
registerEnumType(MiningTaskStateEnum, {
  name: 'MiningTaskState',
  description: 'MINING: the job runs. TAKING: the mined assets are being made a dataset version.',
})
const LikenessEnum = enumOf<Likeness>(...likenesses)
registerEnumType(LikenessEnum, {
  name: 'Likeness',
  description:
    'IDENTICAL: the same bytes. PERCEPTUAL: the perceptual hashes are almost the same. EMBEDDING: the model sees almost the same.',
})

@ObjectType({ description: 'Why an image was mined; what does not belong to the strategy is null.' })
export class MiningReason {
  @Field(() => MiningStrategyEnum, { description: 'Of a hybrid: the one that decided.' })
  strategy!: StrategyName

  @Field(() => Int, {
    description:
      'Place of its score in the pool, from 1: what is left out is counted, so it may be above `rank`.',
  })
  scoreRank!: number

  @Field(() => String, {
    nullable: true,
    description: 'The likeliest class of the box that counted most; null where the image told of no boxes.',
  })
  label?: string

  @Field(() => Float, { nullable: true, description: 'How likely that class is, 0 to 1.' })
  probability?: number

  @Field(() => String, { nullable: true, description: 'MARGIN: the next likely class.' })
  secondLabel?: string

  @Field(() => Float, { nullable: true })
  secondProbability?: number

  @Field(() => Float, {
    nullable: true,
    description:
      'CORE_SET: distance to the nearest labelled or earlier picked image, between what the model sees.',
  })
  nearestDistance?: number

  @Field(() => Int, { nullable: true, description: 'TYPICLUST: the group of alike images, from 0.' })
  cluster?: number

  @Field(() => Int, { nullable: true, description: 'TYPICLUST: how many images that group has.' })
  clusterSize?: number

  @Field(() => Int, {
    nullable: true,
    description: 'CLASS_BALANCE: boxes of `label` in the set that the model was trained on.',
  })
  labelledBoxes?: number

  @Field(() => String, { nullable: true, description: 'The class whose minimum share it was taken to fill.' })
  forShareOf?: string
}

@ObjectType({ description: 'An asset that was mined.' })
export class MinedAsset {
  @Field(() => ID, { description: 'SHA-256 of the image.' })
  assetId!: string

  @Field(() => Int, { description: '1 for the asset from which the model would learn most.' })
  rank!: number

  @Field(() => Float, {
    description: 'By the strategy; where it chooses whole batches, 1 for the first, falling to 0.',
  })
  score!: number

  @Field(() => MiningReason, {
    nullable: true,
    description: 'Null of what was mined before reasons were kept.',
  })
  reason!: MiningReason | null

  @Field(() => String, { description: 'Path of the image at the gateway.' })
  url!: string

  @Field(() => String, { description: 'Path of a small image at the gateway; add ?size= for another size.' })
  thumbnailUrl!: string
}

/** With the task whose job looked at it. */
export interface AssetOfTask extends MinedAsset {
  readonly task: MiningTaskRow
}
export const MinedAssetConnection = Connection('MinedAsset', () => MinedAsset)

@ObjectType({ description: 'An asset that would have been mined, had it not repeated another.' })
export class MinedDuplicate {
  @Field(() => ID, { description: 'SHA-256 of the image.' })
  assetId!: string

  @Field(() => ID, {
    description:
      'The image that it repeats: a better one of the batch, a labelled one, or one that was mined before.',
  })
  ofAssetId!: string

  @Field(() => LikenessEnum, { description: 'By what that was seen.' })
  likeness!: Likeness

  @Field(() => String, { description: 'Path of a small image at the gateway; add ?size= for another size.' })
  thumbnailUrl!: string
}
export const MinedDuplicateConnection = Connection('MinedDuplicate', () => MinedDuplicate)

@ObjectType({ description: 'A strategy, and the power with which it counts in a hybrid.' })
export class StrategyTerm {
  @Field(() => MiningStrategyEnum)
  strategy!: StrategyName

  @Field(() => Float)
  weight!: number
}

@ObjectType({ description: 'The least share of the budget that went to a class.' })
export class MinClassShare {
  @Field(() => String)
  label!: string

  @Field(() => Float, { description: '0 to 1.' })
  share!: number
}

@Directive('@key(fields: "id")')
@ObjectType({ description: 'A search for the images from which a model would learn most.' })
export class MiningTask {
  @Field(() => ID)
  id!: string

  @Field(() => MiningTaskStateEnum)
  state!: MiningTaskState

  @Field(() => String, { nullable: true, description: 'What was wrong, and what to do.' })
  problem!: string | null

  @Field(() => MiningStrategyEnum, { description: 'Of a hybrid, the first of `strategies`.' })
  strategy!: StrategyName

  @Field(() => ScoreAggregateEnum)
  aggregate!: ScoreAggregate

  @Field(() => Int, { description: 'Boxes that TOP_MEAN counts.' })
  aggregateCount!: number

  @Field(() => Float, { description: 'Of an image in which nothing is found.' })
  scoreWithoutDetections!: number

  @Field(() => Int, { description: 'How many assets were asked for; once taken, how many there were.' })
  topK!: number

  @Field(() => Int, {
    nullable: true,
    description: 'How many boxes the model might expect in them, at most; null: any number.',
  })
  budgetBoxes!: number | null

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
export const MiningTaskConnection = Connection('MiningTask', () => MiningTask)
