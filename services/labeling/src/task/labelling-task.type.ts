import { Connection, GraphQLDateTime } from '@ymir/graphql'
import { Directive, Field, ID, ObjectType, registerEnumType } from 'type-graphql'
import type { LabellingTaskState } from './state.ts'

const LabellingTaskStates = {
  OPEN: 'OPEN',
  STORING: 'STORING',
  SUCCEEDED: 'SUCCEEDED',
  FAILED: 'FAILED',
  CANCELLED: 'CANCELLED',
} as const satisfies Record<LabellingTaskState, LabellingTaskState>

registerEnumType(LabellingTaskStates, {
  name: 'LabellingTaskState',
  valuesConfig: {
    OPEN: { description: 'Images are labelled.' },
    STORING: { description: 'All is labelled; the result is being made a dataset version.' },
    SUCCEEDED: { description: 'The result is there.' },
    FAILED: { description: '`problem` says why.' },
    CANCELLED: { description: 'Stopped before the result was there.' },
  },
})

@Directive('@key(fields: "id")')
@ObjectType({
  description: 'The images of a dataset version, to be labelled by people or by an automatic labeller.',
})
export class LabellingTask {
  @Field(() => ID)
  id!: string

  @Field(() => String, { description: 'Also the name of the dataset that gets the result.' })
  name!: string

  @Field(() => LabellingTaskStates)
  state!: LabellingTaskState

  @Field(() => String, { nullable: true, description: 'What was wrong, and what to do.' })
  problem!: string | null

  @Field(() => [String], { description: 'What is labelled.' })
  classes!: string[]

  @Field(() => Boolean, {
    description:
      'Whether the annotations of the version are kept: those of the task’s classes as a start for the labeller, the others as they are.',
  })
  keepAnnotations!: boolean

  @Field(() => Boolean, { description: 'Whether each image must be accepted before the task is stored.' })
  review!: boolean

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description:
      'Since when it is reported that its vendor sends nothing; null: something comes, or it has none.',
  })
  stuckSince!: Date | null

  @Field(() => GraphQLDateTime)
  createdAt!: Date

  @Field(() => GraphQLDateTime, { nullable: true })
  finishedAt!: Date | null
}

export const LabellingTaskConnection = Connection('LabellingTask', () => LabellingTask)
