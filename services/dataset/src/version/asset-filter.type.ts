import { DomainError, notFound } from '@ymir/graphql'
import {
  ArrayMaxSize,
  IsInt,
  IsOptional,
  IsUUID,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator'
import { Field, ID, InputType, Int } from 'type-graphql'
import type { DatasetContext } from '../context.ts'
import { readLabels } from '../label/label.store.ts'
import { PredictionFilterInput, resolvePredictionFilter } from '../prediction/prediction-filter.type.ts'
import { requireReadable } from '../sharing/readable.ts'
import type { AssetFilter, Range } from './filter.ts'
import { labelNames } from './make.ts'
import { readVersion } from './version.store.ts'

const wordsAtMost = 100
const longestWord = 1_000

@InputType({ description: 'Whole numbers, both ends included.' })
class RangeInput {
  @IsOptional()
  @IsInt()
  @Min(0)
  @Field(() => Int, { nullable: true })
  min?: number | null

  @IsOptional()
  @IsInt()
  @Min(0)
  @Field(() => Int, { nullable: true })
  max?: number | null
}

@InputType()
class LabelCountInput extends RangeInput {
  @MaxLength(longestWord)
  @Field(() => String)
  label!: string
}

@InputType()
class MetadataInput {
  @MaxLength(longestWord)
  @Field(() => String)
  key!: string

  @IsOptional()
  @MaxLength(longestWord)
  @Field(() => String, { nullable: true, description: 'Null: any value.' })
  value?: string | null
}

const words = (description: string): PropertyDecorator =>
  together(
    IsOptional(),
    ArrayMaxSize(wordsAtMost),
    MaxLength(longestWord, { each: true }),
    Field(() => [String], { nullable: true, description }),
  )
const range = (description: string): PropertyDecorator =>
  together(
    IsOptional(),
    ValidateNested(),
    Field(() => RangeInput, { nullable: true, description }),
  )

@InputType('AssetFilter', {
  description: 'What is wanted of assets. All that is given must hold.',
})
export class AssetFilterInput {
  @words('At least one of these labels.')
  anyLabels?: string[] | null

  @words('Every one of these labels.')
  allLabels?: string[] | null

  @words('None of these labels.')
  noLabels?: string[] | null

  @words('At least one of these tags.')
  anyTags?: string[] | null

  @words('Every one of these tags.')
  allTags?: string[] | null

  @words('None of these tags.')
  noTags?: string[] | null

  @range('How many annotations the asset has.')
  annotationCount?: RangeInput | null

  @IsOptional()
  @ArrayMaxSize(wordsAtMost)
  @ValidateNested({ each: true })
  @Field(() => [LabelCountInput], {
    nullable: true,
    description: 'How many annotations of a label the asset has.',
  })
  labelCounts?: LabelCountInput[] | null

  @range('Pixels.')
  imageWidth?: RangeInput | null

  @range('Pixels.')
  imageHeight?: RangeInput | null

  @range(
    "Square root of the area of the asset's smallest box, whole pixels; assets without a box are left out.",
  )
  smallestBoxSide?: RangeInput | null

  @range(
    "Square root of the area of the asset's largest box, whole pixels; assets without a box are left out.",
  )
  largestBoxSide?: RangeInput | null

  @IsOptional()
  @ArrayMaxSize(wordsAtMost)
  @ValidateNested({ each: true })
  @Field(() => [MetadataInput], { nullable: true, description: 'Keys that the asset has, or their values.' })
  metadata?: MetadataInput[] | null

  @IsOptional()
  @MinLength(1)
  @MaxLength(longestWord)
  @Field(() => String, {
    nullable: true,
    description: 'Part of a name under which the image was imported, in any case.',
  })
  nameContains?: string | null

  @IsOptional()
  @ArrayMaxSize(10)
  @IsUUID(undefined, { each: true })
  @Field(() => [ID], {
    nullable: true,
    description: 'Imports or versions, each of which has the asset, with whatever annotations.',
  })
  importedFrom?: string[] | null

  @IsOptional()
  @ValidateNested()
  @Field(() => PredictionFilterInput, { nullable: true, description: 'What a model found in the image.' })
  predictions?: PredictionFilterInput | null
}

/**
 * The filter with the labels' own names and with versions in place of imports, as the lineage keeps it.
 * @throws DomainError BAD_USER_INPUT, NOT_FOUND, FORBIDDEN
 */
export async function resolveFilter(
  context: DatasetContext,
  input: AssetFilterInput | null | undefined,
): Promise<AssetFilter> {
  context.access.requireSignedIn()
  if (!input) return {}
  const { manager } = context.database
  const book = await readLabels(manager)
  const { labelCounts, metadata, nameContains, importedFrom, predictions, ...rest } = input
  const versions: string[] = []
  for (const id of importedFrom ?? []) {
    const version = await readVersion(manager, (await versionOfImport(manager, id)) ?? id)
    await requireReadable(context, version)
    versions.push(version.id)
  }
  return withoutNulls({
    anyLabels: rest.anyLabels && labelNames(rest.anyLabels, book),
    allLabels: rest.allLabels && labelNames(rest.allLabels, book),
    noLabels: rest.noLabels && labelNames(rest.noLabels, book),
    anyTags: rest.anyTags,
    allTags: rest.allTags,
    noTags: rest.noTags,
    annotationCount: rangeOf(rest.annotationCount),
    labelCounts: labelCounts?.map((one) => ({
      label: labelNames([one.label], book)[0]!, // as many as were given
      ...rangeOf(one),
    })),
    imageWidth: rangeOf(rest.imageWidth),
    imageHeight: rangeOf(rest.imageHeight),
    smallestBoxSide: rangeOf(rest.smallestBoxSide),
    largestBoxSide: rangeOf(rest.largestBoxSide),
    metadata: metadata?.map(({ key, value }) => ({ key, ...withoutNulls({ value }) })),
    nameContains,
    importedFrom: versions.length ? versions : undefined,
    predictions: predictions && (await resolvePredictionFilter(context, predictions, book)),
  })
}

/** The version that an import made; undefined when the id is no import's. */
async function versionOfImport(
  manager: DatasetContext['database']['manager'],
  id: string,
): Promise<string | undefined> {
  const [found]: { version_id: string | null }[] = await manager.query(
    'select version_id from imports where id = $1',
    [id],
  )
  if (found && !found.version_id) throw notFound('version of the import', id)
  return found?.version_id ?? undefined
}

function rangeOf(input: RangeInput | null | undefined): Range | undefined {
  if (!input) return undefined
  const { min, max } = input
  if (typeof min === 'number' && typeof max === 'number' && min > max)
    throw new DomainError('BAD_USER_INPUT', `a range from ${min} to ${max} is empty: min is above max`, {
      field: 'min',
      found: min,
    })
  return withoutNulls({ min, max })
}

type WithoutNulls<T> = { [Key in keyof T]?: Exclude<T[Key], null | undefined> }

function withoutNulls<T extends object>(values: T): WithoutNulls<T> {
  // entries that are neither null nor undefined are what the type says
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value != null)) as WithoutNulls<T>
}

function together(...decorators: readonly PropertyDecorator[]): PropertyDecorator {
  return (target, property) => decorators.forEach((decorate) => decorate(target, property))
}
