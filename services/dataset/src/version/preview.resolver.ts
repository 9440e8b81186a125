import { DomainError } from '@ymir/graphql'
import { IsOptional, ValidateNested } from 'class-validator'
import { Arg, Ctx, Field, InputType, Int, ObjectType, Query, Resolver } from 'type-graphql'
import type { DatasetContext } from '../context.ts'
import { resolveFilter } from './asset-filter.type.ts'
import { requireSources } from './new-version.ts'
import type { Work } from './operation.ts'
import {
  amountOf,
  ExcludeVersionsInput,
  FilterVersionInput,
  MergeVersionsInput,
  SampleVersionInput,
} from './operation.resolver.ts'
import { previewVersion } from './preview.ts'
import { checkFractions, SplitVersionIntoInput } from './split.resolver.ts'

@InputType({ description: 'One operation, as its mutation takes it; names and notes do not matter.' })
class VersionPreviewInput {
  @IsOptional()
  @ValidateNested()
  @Field(() => MergeVersionsInput, { nullable: true })
  merge?: MergeVersionsInput | null

  @IsOptional()
  @ValidateNested()
  @Field(() => ExcludeVersionsInput, { nullable: true })
  exclude?: ExcludeVersionsInput | null

  @IsOptional()
  @ValidateNested()
  @Field(() => FilterVersionInput, { nullable: true })
  filter?: FilterVersionInput | null

  @IsOptional()
  @ValidateNested()
  @Field(() => SampleVersionInput, { nullable: true })
  sample?: SampleVersionInput | null

  @IsOptional()
  @ValidateNested()
  @Field(() => SplitVersionIntoInput, { nullable: true })
  split?: SplitVersionIntoInput | null
}

@ObjectType({ description: 'How much a version would hold.' })
class VersionPreview {
  @Field(() => Int)
  assetCount!: number

  @Field(() => Int)
  annotationCount!: number

  @Field(() => Int, { description: 'Assets without an annotation.' })
  negativeCount!: number
}

@Resolver()
export class PreviewResolver {
  @Query(() => [VersionPreview], {
    description:
      'How much the versions would hold that an operation would make; nothing is stored. Of a split each part, in order; ' +
      'otherwise one. For those who may read what it is made from. Codes: as the operation.',
  })
  async versionPreview(
    @Arg('input', () => VersionPreviewInput) input: VersionPreviewInput,
    @Ctx() context: DatasetContext,
  ): Promise<VersionPreview[]> {
    const works = await worksOf(input, context)
    await requireSources(context, works[0]!) // all have the same
    // one snapshot for all parts
    return context.database.transaction('REPEATABLE READ', async (manager) => {
      const previews: VersionPreview[] = []
      for (const work of works) previews.push(await previewVersion(manager, work))
      return previews
    })
  }
}

/** @throws DomainError BAD_USER_INPUT unless exactly one operation is given */
async function worksOf(input: VersionPreviewInput, context: DatasetContext): Promise<Work[]> {
  const { merge, exclude, filter, sample, split } = input
  if ([merge, exclude, filter, sample, split].filter(Boolean).length !== 1)
    throw new DomainError('BAD_USER_INPUT', 'give one of merge, exclude, filter, sample and split', {
      field: 'input',
    })
  if (merge) return [{ operation: 'MERGE', versionIds: merge.versionIds, conflicts: merge.conflicts }]
  if (exclude) {
    const { versionId, excludeVersionIds } = exclude
    return [{ operation: 'EXCLUDE', versionId, excludeVersionIds }]
  }
  if (filter) {
    const { versionId, labels, withoutLabels } = filter
    const resolved = await resolveFilter(context, filter.filter)
    return [{ operation: 'FILTER', versionId, labels, withoutLabels, filter: resolved }]
  }
  if (sample) {
    const { versionId, seed } = sample
    return [{ operation: 'SAMPLE', versionId, amount: amountOf(sample), seed }]
  }
  return split ? partsOf(split) : []
}

function partsOf({ versionId, parts, stratified, seed }: SplitVersionIntoInput): Work[] {
  checkFractions(parts)
  const plain = parts.map(({ name, fraction }) => ({ name, fraction }))
  return plain.map((_, part) => ({ operation: 'SPLIT', versionId, parts: plain, stratified, seed, part }))
}
