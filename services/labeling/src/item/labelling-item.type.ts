import { Box, BoxInput, Connection, GraphQLDateTime } from '@ymir/graphql'
import { IsNumber, IsOptional, MaxLength, ValidateNested } from 'class-validator'
import { Directive, Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import type { LabellingItemState } from './state.ts'

export const LabellingItemStates = {
  WAITING: 'WAITING',
  CLAIMED: 'CLAIMED',
  LABELLED: 'LABELLED',
  SKIPPED: 'SKIPPED',
  ACCEPTED: 'ACCEPTED',
  SENT_BACK: 'SENT_BACK',
} as const satisfies Record<LabellingItemState, LabellingItemState>

registerEnumType(LabellingItemStates, {
  name: 'LabellingItemState',
  valuesConfig: {
    WAITING: { description: 'Nobody has it yet.' },
    CLAIMED: { description: 'Somebody has it, until `claimedUntil`.' },
    LABELLED: { description: 'Has its boxes; in a task with review, a reviewer looks at it next.' },
    SKIPPED: { description: 'Cannot be labelled, `skipReason` says why; left out of the result.' },
    ACCEPTED: { description: 'A reviewer accepted it.' },
    SENT_BACK: { description: 'To be labelled again, `comment` says what to do better.' },
  },
})

@ObjectType({ description: 'A box with its label in an image of a labelling task.' })
export class ItemAnnotation {
  @Field(() => String)
  label!: string

  @Field(() => Box, { description: 'As it lies before it is turned.' })
  box!: Box

  @Field(() => Float, {
    nullable: true,
    description:
      'How far the box is turned about its middle, clockwise, radians above 0 and below 2π; null: not at all.',
  })
  rotation?: number | null

  @Field(() => Boolean, { description: 'Hard to recognise.' })
  difficult!: boolean

  @Field(() => Boolean, { description: 'Reaches beyond the image or is partly hidden.' })
  truncated!: boolean

  @Field(() => Boolean, { description: 'One box around many objects.' })
  crowd!: boolean
}

@InputType()
export class ItemAnnotationInput {
  @MaxLength(200)
  @Field(() => String, { description: "One of the task's classes." })
  label!: string

  @ValidateNested()
  @Field(() => BoxInput, {
    description:
      'Within the image; up to a pixel beyond its edge is cut off. Of a turned box only the middle must be in the image, and nothing is cut off.',
  })
  box!: BoxInput

  @IsOptional()
  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Field(() => Float, {
    nullable: true,
    description:
      'How far the box is turned about its middle, clockwise, radians from -2π to 2π; left out: not at all.',
  })
  rotation?: number | null

  @Field(() => Boolean, { defaultValue: false, description: 'Hard to recognise.' })
  difficult!: boolean

  @Field(() => Boolean, { defaultValue: false, description: 'Reaches beyond the image or is partly hidden.' })
  truncated!: boolean

  @Field(() => Boolean, { defaultValue: false, description: 'One box around many objects.' })
  crowd!: boolean
}

@Directive('@key(fields: "id")')
@ObjectType({ description: 'An image of a labelling task.' })
export class LabellingItem {
  @Field(() => ID)
  id!: string

  @Field(() => ID, { description: 'SHA-256 of the image.' })
  assetId!: string

  @Field(() => Int, { description: 'Pixels.' })
  width!: number

  @Field(() => Int, { description: 'Pixels.' })
  height!: number

  @Field(() => LabellingItemStates)
  state!: LabellingItemState

  @Field(() => GraphQLDateTime, { nullable: true, description: 'After this, others may claim it.' })
  claimedUntil!: Date | null

  @Field(() => GraphQLDateTime, { nullable: true })
  answeredAt!: Date | null

  @Field(() => String, { nullable: true, description: "The reviewer's." })
  comment!: string | null

  @Field(() => String, { nullable: true })
  skipReason!: string | null
}

export const LabellingItemConnection = Connection('LabellingItem', () => LabellingItem)
