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
import type { EntityManager } from 'typeorm'
import type { DatasetContext } from '../context.ts'
import { openDataset, type Target, targetOf } from '../dataset/dataset.store.ts'
import { AssetFilterInput, resolveFilter } from './asset-filter.type.ts'
import { makeVersion } from './make.ts'
import { MergeConflicts } from './merge.ts'
import { parentsOf, type Work } from './operation.ts'
import { DatasetVersion } from './version.entity.ts'
import { readVersion } from './version.store.ts'

registerEnumType(MergeConflicts, {
  name: 'MergeConflicts',
  description:
    'What happens to an asset with different annotations. UNION: boxes of both, those of a label that overlap by more than 0.7 (IoU) once. STOP: nothing is merged, the error MERGE_CONFLICT lists the assets.',
})

@InputType()
abstract class NewVersionInput {
  @IsOptional()
  @IsUUID()
  @Field(() => ID, { nullable: true, description: 'The dataset that gets the version.' })
  datasetId?: string | null

  @Field(() => String, { nullable: true, description: 'Instead of datasetId: the name of a new dataset.' })
  name?: string | null

  @Field(() => String, { nullable: true, description: 'Why it was made.' })
  note?: string | null
}

@InputType()
class MergeVersionsInput extends NewVersionInput {
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsUUID(undefined, { each: true })
  @Field(() => [ID], { description: 'First to last, as `conflicts` counts.' })
  versionIds!: string[]

  @Field(() => MergeConflicts, { defaultValue: 'STOP' })
  conflicts!: MergeConflicts
}

@InputType()
class ExcludeVersionsInput extends NewVersionInput {
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
class FilterVersionInput extends NewVersionInput {
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
class SampleVersionInput extends NewVersionInput {
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
class VersionPayload {
  @Field(() => DatasetVersion)
  version!: DatasetVersion
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
    @Arg('input', () => SampleVersionInput)
    { versionId, count, fraction, seed, ...target }: SampleVersionInput,
    @Ctx() context: DatasetContext,
  ): Promise<VersionPayload> {
    return makeOne(
      context,
      { operation: 'SAMPLE', versionId, amount: amountOf(count, fraction), seed },
      target,
    )
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

async function makeOne(context: DatasetContext, work: Work, input: NewVersionInput): Promise<VersionPayload> {
  const target = targetOf(input)
  const projectId = await checkAccess(context, work)
  const version = await context.database.transaction((manager) =>
    make(manager, context, projectId, work, target, input.note),
  )
  return { version }
}

async function make(
  manager: EntityManager,
  { bus, access }: DatasetContext,
  projectId: string,
  work: Work,
  target: Target,
  note?: string | null,
): Promise<DatasetVersion> {
  const dataset = await openDataset(manager, projectId, target)
  return makeVersion(manager, { bus, dataset, work, note, actorId: access.requireSignedIn().userId })
}

/** Reads may come from any project of the caller's; the result goes into the project of the first version. */
async function checkAccess({ access, database }: DatasetContext, work: Work): Promise<string> {
  const versions = await Promise.all(parentsOf(work).map((id) => readVersion(database.manager, id)))
  for (const { projectId } of versions) await access.requireProject(projectId, 'VIEWER')
  const { projectId } = versions[0]! // inputs name at least one
  await access.requireProject(projectId, 'EDITOR')
  return projectId
}

function amountOf(count: number | null | undefined, fraction: number | null | undefined) {
  if (typeof count === 'number' && typeof fraction !== 'number') return { count }
  if (typeof fraction === 'number' && typeof count !== 'number') return { fraction }
  throw new DomainError('BAD_USER_INPUT', 'give either count or fraction', { field: 'count' })
}
