import { Connection, ConnectionArguments, connectionOf, type Page } from '@ymir/graphql'
import { ArrayMaxSize, IsInt, IsOptional, Max, Min, ValidateNested } from 'class-validator'
import { Args, ArgsType, Ctx, Field, FieldResolver, Float, Int, Resolver, Root } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { Asset, assetOf } from '../asset/asset.type.ts'
import { readEntries } from '../asset/entry.store.ts'
import type { DatasetContext } from '../context.ts'
import { readLabels } from '../label/label.store.ts'
import { readPages } from '../page/page.store.ts'
import { AssetFilterInput, resolveFilter } from './asset-filter.type.ts'
import { AssetOrderInput, orderOf, positionOf } from './asset-order.type.ts'
import { type AssetFilter, filterAssets, type LabelFilter } from './filter.ts'
import { listFiltered, listPages } from './list.ts'
import { requireReadable } from '../sharing/readable.ts'
import { labelNames } from './make.ts'
import { chooseRanks } from './random-assets.ts'
import { StoredEntries } from './stored-entries.ts'
import { DatasetVersion } from './version.entity.ts'

const AssetConnection = Connection('Asset', () => Asset)

@ArgsType()
class AssetsArguments extends ConnectionArguments {
  @ArrayMaxSize(100)
  @Field(() => [String], {
    defaultValue: [],
    description: 'Only assets with any of these labels; empty: all.',
  })
  labels!: string[]

  @ArrayMaxSize(100)
  @Field(() => [String], { defaultValue: [], description: 'Only assets with none of these labels.' })
  withoutLabels!: string[]

  @IsOptional()
  @ValidateNested()
  @Field(() => AssetFilterInput, { nullable: true, description: 'What else is wanted.' })
  filter?: AssetFilterInput | null

  @IsOptional()
  @ValidateNested()
  @Field(() => AssetOrderInput, { nullable: true, description: 'By default as they were added.' })
  orderBy?: AssetOrderInput | null

  @IsInt()
  @Min(0)
  @Field(() => Int, {
    defaultValue: 0,
    description: 'How many to pass over first: where a scroll bar was dragged to.',
  })
  skip!: number
}

@ArgsType()
class RandomAssetsArguments {
  @IsInt()
  @Min(1)
  @Max(500)
  @Field(() => Int, { defaultValue: 20, description: 'How many, 500 at most.' })
  count!: number

  @IsInt()
  @Field(() => Float, { defaultValue: 0, description: 'A whole number; the same seed chooses the same.' })
  seed!: number

  @IsOptional()
  @ValidateNested()
  @Field(() => AssetFilterInput, { nullable: true, description: 'Which assets to choose from.' })
  filter?: AssetFilterInput | null
}

@Resolver(() => DatasetVersion)
export class BrowseResolver {
  @FieldResolver(() => AssetConnection, {
    description: 'By default in the order in which the platform first met them.',
  })
  async assets(
    @Root() version: DatasetVersion,
    @Args(() => AssetsArguments) wanted: AssetsArguments,
    @Ctx() context: DatasetContext,
  ): Promise<Page<Asset>> {
    const { manager } = context.database
    await requireReadable(context, version)
    const filter = await filterOf(context, wanted)
    const order = orderOf(wanted.orderBy)
    // one more tells that there is a next page
    const part = { after: positionOf(wanted.after, order), skip: wanted.skip, length: wanted.first + 1 }
    const listed =
      order.by === 'ADDED' && order.direction === 'ASCENDING' && !filter
        ? await listPages(manager, version, part)
        : await context.database.transaction((inside) => listFiltered(inside, version, filter, order, part))
    const assets = await readAssets(manager, listed.serials, version.id)
    return connectionOf(
      assets,
      wanted,
      ({ serial }) => listed.keyOf(serial),
      () => listed.count,
    )
  }

  @FieldResolver(() => [Asset], {
    description: 'Some assets by chance, all equally likely, in the order of `assets`.',
  })
  async randomAssets(
    @Root() version: DatasetVersion,
    @Args(() => RandomAssetsArguments) { count, seed, filter: input }: RandomAssetsArguments,
    @Ctx() context: DatasetContext,
  ): Promise<Asset[]> {
    const { manager } = context.database
    await requireReadable(context, version)
    const filter = await resolveFilter(context, input)
    const choice = await context.database.transaction(async (inside) => {
      const { serials } = await readPages(inside, version.id)
      return filterAssets(serials, filter, new StoredEntries(inside))
    })
    return readAssets(manager, [...choice.atRanks(chooseRanks(choice.size, count, seed))], version.id)
  }
}

/** Undefined when all assets are wanted. */
async function filterOf(
  context: DatasetContext,
  { labels, withoutLabels, filter }: AssetsArguments,
): Promise<(LabelFilter & { filter: AssetFilter }) | undefined> {
  if (labels.length === 0 && withoutLabels.length === 0 && !filter) return undefined
  const book = await readLabels(context.database.manager)
  return {
    labels: labelNames(labels, book),
    withoutLabels: labelNames(withoutLabels, book),
    filter: await resolveFilter(context, filter),
  }
}

async function readAssets(
  manager: EntityManager,
  serials: readonly number[],
  versionId: string,
): Promise<Asset[]> {
  const entries = await readEntries(manager, serials)
  const bySerial = new Map(entries.map((entry) => [entry.serial, assetOf(entry, versionId)]))
  return serials.map((serial) => bySerial.get(serial)!) // a version's entries are there
}
