import { GraphQLDateTime } from '@ymir/graphql'
import { ArrayMaxSize, IsInt, IsOptional, IsUUID, Length, Max, Min, ValidateNested } from 'class-validator'
import { Directive, Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import { IterationStepName, RoundChoiceInput, RoundSettingsInput } from '../iteration/iteration.types.ts'
import { stepNames, type StepName } from '../iteration/step.ts'
import type { PlanState } from './plan.ts'

const PlanStateEnum: Readonly<Record<PlanState, PlanState>> = {
  RUNNING: 'RUNNING',
  WAITING: 'WAITING',
  PAUSED: 'PAUSED',
  STOPPED: 'STOPPED',
  FAILED: 'FAILED',
  CANCELLED: 'CANCELLED',
}
registerEnumType(PlanStateEnum, {
  name: 'PlanState',
  valuesConfig: {
    RUNNING: { description: 'Its rounds go on by themselves.' },
    WAITING: { description: 'At a gate, for a person to continue it.' },
    PAUSED: { description: 'The step that runs ends; no further one begins.' },
    STOPPED: { description: 'Its rule holds: `reason` says which part.' },
    FAILED: { description: 'A step failed; continued, it runs again.' },
    CANCELLED: { description: 'For good.' },
  },
})

@ObjectType({ description: 'When a plan has done enough; what is null does not count.' })
export class StopRuleOfPlan {
  @Field(() => Float, { nullable: true, description: 'mAP at IoU 0.5, 0 to 1.' })
  targetMap50?: number

  @Field(() => Int, {
    nullable: true,
    description: 'Rounds in a row without a gain beyond the test set’s noise.',
  })
  roundsWithoutGain?: number

  @Field(() => Int, { nullable: true })
  maxRounds?: number

  @Field(() => Int, { nullable: true, description: 'Images mined in all its rounds.' })
  maxImages?: number
}

@Directive('@key(fields: "id")')
@ObjectType({ description: 'Rounds that run by themselves until a rule stops them.' })
export class Plan {
  @Field(() => ID)
  id!: string

  @Field(() => String)
  name!: string

  @Field(() => PlanStateEnum)
  state!: PlanState

  @Field(() => String, { nullable: true, description: 'Why it is in this state; null while RUNNING.' })
  reason!: string | null

  @Field(() => StopRuleOfPlan)
  stopRule!: StopRuleOfPlan

  @Field(() => [IterationStepName], { description: 'Steps before which it waits for a person.' })
  gates!: StepName[]

  @Field(() => Int, {
    nullable: true,
    description: 'How many more rounds it begins before it pauses; null: no limit.',
  })
  roundsToGo!: number | null

  @Field(() => GraphQLDateTime)
  createdAt!: Date

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it was STOPPED or CANCELLED.' })
  finishedAt!: Date | null
}

@InputType({ description: 'When a plan has done enough: at least one of these.' })
export class StopRuleInput {
  @IsOptional()
  @Min(0)
  @Max(1)
  @Field(() => Float, { nullable: true, description: 'mAP at IoU 0.5 on the test set, 0 to 1.' })
  targetMap50?: number

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100)
  @Field(() => Int, {
    nullable: true,
    description:
      'Rounds in a row without a gain. A round gains when the 95 % interval of its gain over the last round that ' +
      'gained lies above 0 (`evaluationGain`).',
  })
  roundsWithoutGain?: number

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000)
  @Field(() => Int, { nullable: true })
  maxRounds?: number

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100_000_000)
  @Field(() => Int, {
    nullable: true,
    description: 'Images mined in all its rounds; the last mines what is left.',
  })
  maxImages?: number
}

@InputType()
export class StartPlanInput extends RoundChoiceInput {
  @IsUUID()
  @Field(() => ID)
  projectId!: string

  @IsOptional()
  @Length(1, 200)
  @Field(() => String, { nullable: true, description: 'Left out: its strategy.' })
  name?: string

  @ValidateNested()
  @Field(() => StopRuleInput)
  stopRule!: StopRuleInput

  @ArrayMaxSize(stepNames.length)
  @Field(() => [IterationStepName], {
    defaultValue: [],
    description: 'Steps before which each round waits for a person (`continuePlan`).',
  })
  gates!: StepName[]

  @IsOptional()
  @IsUUID()
  @Field(() => ID, {
    nullable: true,
    description:
      'A branch: rounds of their own from the start of this plan, beside it; what is left out is as in that plan.',
  })
  branchOfId?: string
}

@InputType()
export class ChangePlanInput extends RoundSettingsInput {
  @IsUUID()
  @Field(() => ID)
  planId!: string

  @IsOptional()
  @Length(1, 200)
  @Field(() => String, { nullable: true })
  name?: string

  @IsOptional()
  @ValidateNested()
  @Field(() => StopRuleInput, { nullable: true, description: 'In place of the one before; holds at once.' })
  stopRule?: StopRuleInput

  @IsOptional()
  @ArrayMaxSize(stepNames.length)
  @Field(() => [IterationStepName], { nullable: true, description: 'Hold at once.' })
  gates?: StepName[]
}

@InputType()
export class ContinuePlanInput {
  @IsUUID()
  @Field(() => ID)
  planId!: string

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(1_000)
  @Field(() => Int, {
    nullable: true,
    description:
      'Pause when so many further rounds are done; 0: when the round under way is. Left out: no limit.',
  })
  rounds?: number
}

@InputType()
export class PlanInput {
  @IsUUID()
  @Field(() => ID)
  planId!: string
}

@ObjectType()
export class PlanPayload {
  @Field(() => Plan)
  plan!: Plan
}
