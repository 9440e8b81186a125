import { Directive, Field, ID, ObjectType } from 'type-graphql'

@Directive('@key(fields: "id")')
@ObjectType({
  description: 'Answers labelling tasks from a hidden ground truth: for demonstrations and experiments.',
})
export class AutomaticLabeller {
  @Field(() => ID)
  id!: string

  @Field(() => String)
  name!: string
}
