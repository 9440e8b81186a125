import { Directive, Field, ID, ObjectType } from 'type-graphql'

// what other services own, as far as the labeling service knows it: by id

@Directive('@key(fields: "id")')
@ObjectType()
export class Project {
  @Field(() => ID)
  id!: string
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType()
export class DatasetVersion {
  @Field(() => ID)
  id!: string
}

@Directive('@key(fields: "id")')
@ObjectType()
export class User {
  @Field(() => ID)
  id!: string
}
