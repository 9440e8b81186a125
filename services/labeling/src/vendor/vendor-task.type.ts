import { Connection, GraphQLDateTime } from '@ymir/graphql'
import {
  ArrayMaxSize,
  IsInt,
  IsNumber,
  IsOptional,
  IsUUID,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator'
import { Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import { mostAnnotations } from '../item/annotation.ts'
import { ItemAnnotationInput, LabellingItemStates } from '../item/labelling-item.type.ts'
import type { LabellingItemState } from '../item/state.ts'
import type { VendorOutcome } from './results.ts'

@ObjectType({ description: 'A labelling task as its vendor sees it.' })
export class VendorTask {
  @Field(() => ID)
  id!: string

  @Field(() => String)
  name!: string

  @Field(() => [String], { description: 'What to draw.' })
  classes!: string[]

  @Field(() => GraphQLDateTime)
  createdAt!: Date
}

export const VendorTaskConnection = Connection('VendorTask', () => VendorTask)

@ObjectType({ description: 'An image of a labelling task as its vendor sees it.' })
export class VendorItem {
  @Field(() => ID)
  id!: string

  @Field(() => LabellingItemStates)
  state!: LabellingItemState

  @Field(() => Int)
  width!: number

  @Field(() => Int)
  height!: number

  @Field(() => String, { nullable: true, description: "The reviewer's, of an image that was sent back." })
  comment!: string | null
}

export const VendorItemConnection = Connection('VendorItem', () => VendorItem)

@ObjectType({ description: 'An image that a vendor may fetch.' })
export class VendorImage {
  @Field(() => ID, { description: 'The version that is labelled.' })
  versionId!: string

  @Field(() => ID)
  assetId!: string
}

@InputType({ description: 'What a vendor found in one image.' })
export class VendorResultInput {
  @MaxLength(100)
  @Field(() => ID)
  itemId!: string

  @IsInt()
  @Min(0)
  @Field(() => Int, {
    defaultValue: 0,
    description:
      'Which answer to this image it is: 0 the first, one more for each that replaces an earlier one. The highest counts, in whatever order they come.',
  })
  revision!: number

  @IsOptional()
  @ArrayMaxSize(mostAnnotations)
  @ValidateNested({ each: true })
  @Field(() => [ItemAnnotationInput], {
    nullable: true,
    description: 'All that is in the image; empty: nothing is.',
  })
  annotations?: ItemAnnotationInput[] | null

  @IsOptional()
  @MaxLength(500)
  @Field(() => String, {
    nullable: true,
    description: 'Why the image cannot be labelled; instead of annotations.',
  })
  skipReason?: string | null

  @IsOptional()
  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Field(() => Float, {
    nullable: true,
    description:
      'How long this answer took, 0 to 86,400; left out: nobody knows. Of several answers to an image that of the one that counts is kept; it is no part of the answer: the same answer with other seconds changes nothing.',
  })
  seconds?: number | null
}

@InputType()
export class SubmitResultsInput {
  @IsUUID()
  @Field(() => ID)
  taskId!: string

  @ValidateNested({ each: true })
  @Field(() => [VendorResultInput], { description: 'One for each image; 500 at most.' })
  results!: VendorResultInput[]
}

const Outcomes = {
  RECORDED: 'RECORDED',
  ALREADY: 'ALREADY',
  REFUSED: 'REFUSED',
} as const satisfies Record<VendorOutcome['outcome'], string>

registerEnumType(Outcomes, {
  name: 'VendorOutcomeKind',
  valuesConfig: {
    RECORDED: { description: 'It counts.' },
    ALREADY: { description: 'It, or a later revision, was recorded before: nothing changed.' },
    REFUSED: { description: '`problem` says why.' },
  },
})

@ObjectType({ description: 'What became of one result.' })
export class VendorResultOutcome {
  @Field(() => ID)
  itemId!: string

  @Field(() => Outcomes)
  outcome!: VendorOutcome['outcome']

  @Field(() => String, { nullable: true, description: 'Why it was refused, and what to do.' })
  problem!: string | null
}

@ObjectType()
export class SubmitResultsPayload {
  @Field(() => [VendorResultOutcome], { description: 'In the order of the results.' })
  outcomes!: VendorResultOutcome[]
}
