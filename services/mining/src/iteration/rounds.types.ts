import { GraphQLDateTime } from '@ymir/graphql'
import { Field, Float, Int, ObjectType } from 'type-graphql'
import type { StrategyName } from '../strategy/strategies.ts'
import { MiningStrategyEnum } from '../task/mining-task.type.ts'

@ObjectType({
  description:
    'How much better the model of a round is than that of an earlier one, beyond the noise of the test set.',
})
export class RoundGain {
  @Field(() => Float, { description: 'Of map50; above 0 the gain exceeds the noise.' })
  low!: number

  @Field(() => Float)
  high!: number

  @Field(() => Float, { description: 'Share of resampled test sets within, e.g. 0.95.' })
  confidence!: number

  @Field(() => Int, { description: 'The last round that gained; where the rounds began when none has.' })
  overRound!: number
}

@ObjectType({ description: 'A line of the table of rounds; the first is where they began.' })
export class Round {
  @Field(() => Int, { description: '0 where the first iteration of the project began.' })
  round!: number

  @Field(() => MiningStrategyEnum, { nullable: true })
  strategy!: StrategyName | null

  @Field(() => Int, { description: "Assets that the round's model was trained on." })
  trainingCount!: number

  @Field(() => Int, { description: 'Assets left in the pool after the round.' })
  poolCount!: number

  @Field(() => Int, { description: 'Assets that were mined, and so had to be labelled.' })
  imageCount!: number

  @Field(() => Float, { nullable: true, description: 'mAP at IoU 0.5 on the test set, 0 to 1.' })
  map50!: number | null

  @Field(() => Float, { nullable: true, description: 'Against the round before.' })
  change!: number | null

  @Field(() => GraphQLDateTime, { nullable: true })
  startedAt!: Date | null

  @Field(() => GraphQLDateTime, { nullable: true })
  finishedAt!: Date | null
}
