import { Directive, Field, ID, ObjectType } from 'type-graphql'

// what other services own, as far as the executor knows it: by id

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType()
export class Project {
  @Field(() => ID)
  id!: string
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType()
export class User {
  @Field(() => ID)
  id!: string
}
