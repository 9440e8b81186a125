import { BoxInput } from '@ymir/graphql'
import { ArrayMaxSize, IsOptional, MaxLength, ValidateNested } from 'class-validator'
import { Field, Float, InputType, Int } from 'type-graphql'
import { mostPoints } from '../format/shape.ts'

const polygonsAtMost = 1_000
const longestCounts = 4_000_000

@InputType({ description: 'A mask of the whole image, as COCO writes it.' })
export class AnnotationMaskInput {
  @ArrayMaxSize(2)
  @Field(() => [Int], { description: 'Height and width of the image, pixels.' })
  size!: number[]

  @MaxLength(longestCounts)
  @Field(() => String, { description: 'Run lengths, columns first, in the text of COCO.' })
  counts!: string
}

@InputType()
export class ResolvedAnnotationInput {
  @MaxLength(100)
  @Field(() => String)
  label!: string

  @IsOptional()
  @ValidateNested()
  @Field(() => BoxInput, {
    nullable: true,
    description: 'Left out where polygons or a mask are given: what encloses them.',
  })
  box?: BoxInput | null

  @IsOptional()
  @ArrayMaxSize(polygonsAtMost)
  @ArrayMaxSize(2 * mostPoints, { each: true })
  @Field(() => [[Float]], {
    nullable: true,
    description: "Outlines of the object's parts: x1, y1, x2, y2, ... in pixels, at least three points each.",
  })
  polygons?: number[][] | null

  @IsOptional()
  @ValidateNested()
  @Field(() => AnnotationMaskInput, { nullable: true })
  mask?: AnnotationMaskInput | null

  @Field(() => Boolean, { defaultValue: false })
  difficult!: boolean

  @Field(() => Boolean, { defaultValue: false })
  truncated!: boolean

  @Field(() => Boolean, { defaultValue: false })
  crowd!: boolean
}
