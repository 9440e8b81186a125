import { GraphQLDateTime } from '@ymir/graphql'
import { Field, ObjectType } from 'type-graphql'

@ObjectType({ description: 'A name for a version in its dataset, e.g. "release".' })
export class VersionTag {
  @Field(() => String, { description: 'Unique in the dataset, in whatever case.' })
  name!: string

  @Field(() => Boolean, { description: 'Whether only owners of the project may move or delete it.' })
  isProtected!: boolean

  @Field(() => GraphQLDateTime, { description: 'When it was set or moved.' })
  setAt!: Date

  versionId!: string
  setById!: string
}
