import { ArrayMaxSize, ArrayMinSize, IsUUID, ValidateNested } from 'class-validator'
import { Arg, Ctx, Field, ID, InputType, Mutation, Resolver } from 'type-graphql'
import type { DatasetContext } from '../context.ts'
import { makeOne, NewVersionInput, VersionPayload } from './new-version.ts'

@InputType()
class RenameLabelsInput {
  @ArrayMinSize(1)
  @ArrayMaxSize(1_000)
  @Field(() => [String], { description: 'Several become one label.' })
  from!: string[]

  @Field(() => String, { description: 'A label of the workspace: make it first with createLabels.' })
  to!: string
}

@InputType()
class RelabelVersionInput extends NewVersionInput {
  @IsUUID()
  @Field(() => ID)
  versionId!: string

  @ValidateNested()
  @ArrayMaxSize(1_000)
  @Field(() => [RenameLabelsInput], { defaultValue: [] })
  rename!: RenameLabelsInput[]

  @ArrayMaxSize(1_000)
  @Field(() => [String], { defaultValue: [], description: 'Labels whose annotations are left out.' })
  drop!: string[]
}

@Resolver()
export class RelabelResolver {
  @Mutation(() => VersionPayload, {
    description:
      'A version with labels renamed, merged or dropped. Annotations keep everything else; those that are equal then are one.',
  })
  relabelVersion(
    @Arg('input', () => RelabelVersionInput) { versionId, rename, drop, ...target }: RelabelVersionInput,
    @Ctx() context: DatasetContext,
  ): Promise<VersionPayload> {
    return makeOne(context, { operation: 'RELABEL', versionId, rename, drop }, target)
  }
}
