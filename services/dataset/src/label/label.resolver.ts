import { Connection, ConnectionArguments, keysetPage, type Page } from '@ymir/graphql'
import { ArrayMaxSize, ArrayMinSize, IsOptional, Matches, ValidateNested } from 'class-validator'
import { Arg, Args, Ctx, Field, InputType, Mutation, ObjectType, Query, Resolver } from 'type-graphql'
import type { DatasetContext } from '../context.ts'
import { Label } from './label.entity.ts'
import { createLabels } from './label.store.ts'

@InputType()
class LabelInput {
  @Field(() => String)
  name!: string

  @Field(() => [String], { defaultValue: [] })
  aliases!: string[]

  @IsOptional()
  @Matches(/^#[0-9a-f]{6}$/i, { message: 'give a colour as #rrggbb' })
  @Field(() => String, { nullable: true, description: '#rrggbb; one is chosen when it is left out.' })
  color?: string | null
}

@InputType()
class CreateLabelsInput {
  @ValidateNested()
  @ArrayMinSize(1)
  @ArrayMaxSize(1_000)
  @Field(() => [LabelInput])
  labels!: LabelInput[]
}

@ObjectType()
class CreateLabelsPayload {
  @Field(() => [Label])
  labels!: Label[]
}

const LabelConnection = Connection('Label', () => Label)

@Resolver(() => Label)
export class LabelResolver {
  @Query(() => LabelConnection, { description: 'The labels of the workspace by name. For anyone signed in.' })
  labels(
    @Arg('search', () => String, { nullable: true, description: 'Part of a name or alias.' })
    search: string | null,
    @Args(() => ConnectionArguments) page: ConnectionArguments,
    @Ctx() { access, database, caller }: DatasetContext,
  ): Promise<Page<Label>> {
    if (caller.kind !== 'service') access.requireSignedIn()
    const query = database.getRepository(Label).createQueryBuilder('label')
    if (search)
      query.where(
        'label.id in (select label_id from label_names where position(lower(:search) in key) > 0)',
        { search },
      )
    return keysetPage(query, page, { key: 'name', direction: 'ASC' })
  }

  @Mutation(() => CreateLabelsPayload, {
    description: 'Adds labels to the workspace: all or, when one is taken, none.',
  })
  async createLabels(
    @Arg('input', () => CreateLabelsInput) input: CreateLabelsInput,
    @Ctx() { access, database }: DatasetContext,
  ): Promise<CreateLabelsPayload> {
    access.requireSignedIn()
    return { labels: await database.transaction((manager) => createLabels(manager, input.labels)) }
  }
}
