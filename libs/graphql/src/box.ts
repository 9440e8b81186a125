import { IsNumber } from 'class-validator'
import { Directive, Field, Float, InputType, ObjectType } from 'type-graphql'

@Directive('@shareable')
@ObjectType({
  description: 'A rectangle in pixels of the original image; the origin is its top left corner.',
})
export class Box {
  @Field(() => Float, { description: 'Left edge.' })
  x!: number

  @Field(() => Float, { description: 'Top edge.' })
  y!: number

  @Field(() => Float)
  width!: number

  @Field(() => Float)
  height!: number
}

@InputType({ description: 'A rectangle in pixels of the original image; the origin is its top left corner.' })
export class BoxInput {
  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Field(() => Float, { description: 'Left edge.' })
  x!: number

  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Field(() => Float, { description: 'Top edge.' })
  y!: number

  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Field(() => Float)
  width!: number

  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Field(() => Float)
  height!: number
}
