import { Directive, Field, Float, ObjectType } from 'type-graphql'
import { Box } from './box.ts'

/** Never mixed with ground truth: it belongs to a model stage and an image. The same type in every subgraph. */
@Directive('@shareable')
@ObjectType({ description: 'A box that a model found.' })
export class Prediction {
  @Field(() => String)
  label!: string

  @Field(() => Float, { description: 'Confidence, 0 to 1.' })
  score!: number

  @Field(() => Box)
  box!: Box
}
