import { Directive, Field, ID, ObjectType } from 'type-graphql'

@Directive('@key(fields: "id")')
@ObjectType({ description: 'A person; the identity service knows more.' })
export class User {
  @Field(() => ID)
  id!: string
}
