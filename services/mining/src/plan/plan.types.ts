import { GraphQLDateTime } from '@ymir/graphql'
import { ArrayMaxSize, IsInt, IsOptional, IsUUID, Length, Max, Min, ValidateNested } from 'class-validator'
import { Directive, Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import { IterationStepName, RoundChoiceInput, RoundSettingsInput } from '../iteration/iteration.types.ts'
import { stepNames, type StepName } from '../iteration/step.ts'
import type { PlanCause, PlanState } from './plan.ts'

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
    STOPPED: { description: 'Its rule holds: `cause` says which part.' },
    FAILED: { description: 'A step failed; continued, it runs again.' },
    CANCELLED: { description: 'For good.' },
  },
})

const PlanCauseEnum: Readonly<Record<PlanCause, PlanCause>> = {
  TARGET_REACHED: 'TARGET_REACHED',
  NO_GAIN: 'NO_GAIN',
  ROUNDS_SPENT: 'ROUNDS_SPENT',
  IMAGES_SPENT: 'IMAGES_SPENT',
  POOL_EMPTY: 'POOL_EMPTY',
  ROUNDS_DONE: 'ROUNDS_DONE',
  GATE: 'GATE',
  STEP_FAILED: 'STEP_FAILED',
  STEP_CANCELLED: 'STEP_CANCELLED',
  REFUSED: 'REFUSED',
  PAUSED_BY_PERSON: 'PAUSED_BY_PERSON',
  CANCELLED_BY_PERSON: 'CANCELLED_BY_PERSON',
}
registerEnumType(PlanCauseEnum, {
  name: 'PlanCause',
  description: 'Why a plan waits, paused, stopped, failed or was cancelled.',
  valuesConfig: {
    TARGET_REACHED: { description: 'STOPPED: the newest round reached `targetMap50`.' },
    NO_GAIN: { description: 'STOPPED: `roundsWithoutGain` rounds in a row did not gain.' },
    ROUNDS_SPENT: { description: 'STOPPED: `maxRounds` rounds are done.' },
    IMAGES_SPENT: { description: 'STOPPED: `maxImages` images are mined.' },
    POOL_EMPTY: { description: 'STOPPED: nothing is left to mine.' },
    ROUNDS_DONE: { description: 'PAUSED: the rounds that `continuePlan` asked for are done.' },
    GATE: { description: 'WAITING: for a person, before a step of `gates`.' },
    STEP_FAILED: { description: 'FAILED: a step of its newest round did; `reason` has the problem.' },
    STEP_CANCELLED: { description: 'PAUSED: a step of its newest round was cancelled.' },
    REFUSED: { description: 'FAILED: its next round or step cannot begin; `reason` has the problem.' },
    PAUSED_BY_PERSON: { description: 'PAUSED: by `pausePlan`.' },
    CANCELLED_BY_PERSON: { description: 'CANCELLED: by `cancelPlan`.' },
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

  @Field(() => PlanCauseEnum, {
    nullable: true,
    description: 'Why it is in this state; null while RUNNING, and of older plans, that have `reason` alone.',
  })
  cause!: PlanCause | null

  @Field(() => String, {
    nullable: true,
    description: 'Why it is in this state, in English words; null while RUNNING.',
  })
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
