import { DomainError } from '@ymir/graphql'
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsInt,
  IsOptional,
  IsUUID,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator'
import {
  Arg,
  Ctx,
  Field,
  Float,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  registerEnumType,
  Resolver,
} from 'type-graphql'
import type { DatasetContext } from '../context.ts'
import { targetOf } from '../dataset/dataset.store.ts'
import { AssetFilterInput, resolveFilter } from './asset-filter.type.ts'
import { MergeConflicts } from './merge.ts'
import { checkAccess, make, makeOne, NewVersionInput, VersionPayload } from './new-version.ts'
import type { Amount } from './operation.ts'
import { DatasetVersion } from './version.entity.ts'

registerEnumType(MergeConflicts, {
  name: 'MergeConflicts',
  description:
    'What happens to an asset with different annotations. UNION: boxes of both, those of a label that overlap by more than 0.7 (IoU) once. STOP: nothing is merged, the error MERGE_CONFLICT lists the assets.',
})

@InputType()
export class MergeVersionsInput extends NewVersionInput {
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsUUID(undefined, { each: true })
  @Field(() => [ID], { description: 'First to last, as `conflicts` counts.' })
  versionIds!: string[]

  @Field(() => MergeConflicts, { defaultValue: 'STOP' })
  conflicts!: MergeConflicts
}

@InputType()
export class ExcludeVersionsInput extends NewVersionInput {
  @IsUUID()
  @Field(() => ID)
  versionId!: string

  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsUUID(undefined, { each: true })
  @Field(() => [ID], { description: 'Versions whose assets are left out.' })
  excludeVersionIds!: string[]
}

@InputType()
export class FilterVersionInput extends NewVersionInput {
  @IsUUID()
  @Field(() => ID)
  versionId!: string

  @ArrayMaxSize(1_000)
  @Field(() => [String], { defaultValue: [], description: 'Assets with any of these labels; empty: all.' })
  labels!: string[]

  @ArrayMaxSize(1_000)
  @Field(() => [String], { defaultValue: [], description: 'Assets with none of these labels.' })
  withoutLabels!: string[]

  @IsOptional()
  @ValidateNested()
  @Field(() => AssetFilterInput, { nullable: true, description: 'What else is wanted.' })
  filter?: AssetFilterInput | null
}

@InputType()
export class SampleVersionInput extends NewVersionInput {
  @IsUUID()
  @Field(() => ID)
  versionId!: string

  @IsOptional()
  @IsInt()
  @Min(1)
  @Field(() => Int, { nullable: true })
  count?: number | null

  @IsOptional()
  @Min(0)
  @Max(1)
  @Field(() => Float, { nullable: true, description: 'Instead of count: 0 to 1.' })
  fraction?: number | null

  @IsOptional()
  @IsInt()
  @Min(1)
  @Field(() => Int, {
    nullable: true,
    description: 'Instead of count: assets for each label, or all that show it where there are fewer.',
  })
  perLabel?: number | null

  @ArrayMaxSize(1_000)
  @Field(() => [String], { defaultValue: [], description: 'With perLabel: which labels; empty: all.' })
  labels!: string[]

  @IsInt()
  @Field(() => Float, {
    defaultValue: 0,
    description: 'A whole number; the same seed chooses the same assets.',
  })
  seed!: number
}

@InputType()
class SplitVersionInput {
  @IsUUID()
  @Field(() => ID)
  versionId!: string

  @Min(0)
  @Max(1)
  @Field(() => Float, { description: 'Share of the first part, 0 to 1.' })
  fraction!: number

  @IsInt()
  @Field(() => Float, {
    defaultValue: 0,
    description: 'A whole number; the same seed chooses the same assets.',
  })
  seed!: number

  @ArrayMinSize(2)
  @ArrayMaxSize(2)
  @Field(() => [String], { description: 'Names of the two new datasets.' })
  names!: string[]
}

@InputType()
class TakeAssetsInput extends NewVersionInput {
  @IsUUID()
  @Field(() => ID)
  versionId!: string

  @ArrayMinSize(1)
  @ArrayMaxSize(100_000)
  @Matches(/^[0-9a-f]{64}$/, { each: true, message: 'an asset id is a SHA-256 in lower-case hexadecimal' })
  @Field(() => [ID])
  assetIds!: string[]
}

@ObjectType()
class SplitPayload {
  @Field(() => DatasetVersion)
  first!: DatasetVersion

  @Field(() => DatasetVersion)
  second!: DatasetVersion
}

@Resolver()
export class OperationResolver {
  @Mutation(() => VersionPayload, { description: 'The assets of all versions together, each once.' })
  mergeVersions(
    @Arg('input', () => MergeVersionsInput) { versionIds, conflicts, ...target }: MergeVersionsInput,
    @Ctx() context: DatasetContext,
  ): Promise<VersionPayload> {
    return makeOne(context, { operation: 'MERGE', versionIds, conflicts }, target)
  }

  @Mutation(() => VersionPayload, { description: 'One version without the assets of others.' })
  excludeVersions(
    @Arg('input', () => ExcludeVersionsInput)
    { versionId, excludeVersionIds, ...target }: ExcludeVersionsInput,
    @Ctx() context: DatasetContext,
  ): Promise<VersionPayload> {
    return makeOne(context, { operation: 'EXCLUDE', versionId, excludeVersionIds }, target)
  }

  @Mutation(() => VersionPayload, { description: 'The assets of a version that a filter lets through.' })
  async filterVersion(
    @Arg('input', () => FilterVersionInput)
    { versionId, labels, withoutLabels, filter, ...target }: FilterVersionInput,
    @Ctx() context: DatasetContext,
  ): Promise<VersionPayload> {
    const resolved = await resolveFilter(context, filter)
    return makeOne(
      context,
      { operation: 'FILTER', versionId, labels, withoutLabels, filter: resolved },
      target,
    )
  }

  @Mutation(() => VersionPayload, { description: 'Assets of a version by chance.' })
  sampleVersion(
    @Arg('input', () => SampleVersionInput) input: SampleVersionInput,
    @Ctx() context: DatasetContext,
  ): Promise<VersionPayload> {
    const { versionId, seed, ...target } = input
    return makeOne(context, { operation: 'SAMPLE', versionId, amount: amountOf(input), seed }, target)
  }

  @Mutation(() => SplitPayload, { description: 'A version as two new datasets that share no asset.' })
  async splitVersion(
    @Arg('input', () => SplitVersionInput) { versionId, fraction, seed, names }: SplitVersionInput,
    @Ctx() context: DatasetContext,
  ): Promise<SplitPayload> {
    const work = { operation: 'SPLIT', versionId, fraction, seed } as const
    const project = await checkAccess(context, { ...work, part: 'FIRST' })
    return context.database.transaction(async (manager) => ({
      first: await make(manager, context, project, { ...work, part: 'FIRST' }, targetOf({ name: names[0] })),
      second: await make(
        manager,
        context,
        project,
        { ...work, part: 'SECOND' },
        targetOf({ name: names[1] }),
      ),
    }))
  }

  @Mutation(() => VersionPayload, { description: 'Chosen assets of a version, with their annotations.' })
  takeAssets(
    @Arg('input', () => TakeAssetsInput) { versionId, assetIds, ...target }: TakeAssetsInput,
    @Ctx() context: DatasetContext,
  ): Promise<VersionPayload> {
    return makeOne(context, { operation: 'TAKE', versionId, assetIds }, target)
  }
}

/** @throws DomainError BAD_USER_INPUT when not exactly one of them is given */
export function amountOf({ count, fraction, perLabel, labels }: SampleVersionInput): Amount {
  const given: Amount[] = []
  if (typeof count === 'number') given.push({ count })
  if (typeof fraction === 'number') given.push({ fraction })
  if (typeof perLabel === 'number') given.push({ perLabel, labels })
  const [amount] = given
  if (amount && given.length === 1) return amount
  throw new DomainError('BAD_USER_INPUT', 'give one of count, fraction and perLabel', { field: 'count' })
}
