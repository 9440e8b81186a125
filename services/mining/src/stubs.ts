import { Directive, Field, ID, ObjectType } from 'type-graphql'

// what other services own, as far as the mining service knows it: by id

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

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType()
export class Model {
  @Field(() => ID)
  id!: string
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType()
export class ModelStage {
  @Field(() => ID)
  id!: string
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType()
export class ExecutorImage {
  @Field(() => ID)
  id!: string
}

@Directive('@key(fields: "id")')
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

@Directive('@key(fields: "id")')
@ObjectType()
export class User {
  @Field(() => ID)
  id!: string
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType()
export class Evaluation {
  @Field(() => ID)
  id!: string
}
