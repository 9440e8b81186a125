import { Directive, Field, ID, ObjectType } from 'type-graphql'

// what other services own and make of versions, as far as the dataset service knows it: by id

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType()
export class Model {
  @Field(() => ID)
  id!: string
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType()
export class Job {
  @Field(() => ID)
  id!: string
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType()
export class LabellingTask {
  @Field(() => ID)
  id!: string
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType()
export class MiningTask {
  @Field(() => ID)
  id!: string
}
