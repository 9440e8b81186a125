import { Connection, ConnectionArguments, connectionOf, fromCursor, type Page } from '@ymir/graphql'
import { ArrayMaxSize } from 'class-validator'
import { Args, ArgsType, Ctx, Field, FieldResolver, Resolver, Root } from 'type-graphql'
import { Asset, assetOf } from '../asset/asset.type.ts'
import { readEntries } from '../asset/entry.store.ts'
import type { DatasetContext } from '../context.ts'
import { readLabels } from '../label/label.store.ts'
import { readPages } from '../page/page.store.ts'
import { requireReadable } from '../sharing/readable.ts'
import { filterVersion } from './filter.ts'
import { labelNames } from './make.ts'
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
}

@Resolver(() => DatasetVersion)
export class BrowseResolver {
  @FieldResolver(() => AssetConnection, { description: 'In the order in which the platform first met them.' })
  async assets(
    @Root() version: DatasetVersion,
    @Args(() => AssetsArguments) { first, after, labels, withoutLabels }: AssetsArguments,
    @Ctx() { access, database }: DatasetContext,
  ): Promise<Page<Asset>> {
    await requireReadable({ access, database }, version)
    const { manager } = database
    const last = after ? Number(fromCursor(after, 1)[0]) : -1
    let { serials } = await readPages(manager, version.id)
    if (labels.length || withoutLabels.length) {
      const book = await readLabels(manager)
      const filter = { labels: labelNames(labels, book), withoutLabels: labelNames(withoutLabels, book) }
      serials = await filterVersion(serials, filter, new StoredEntries(manager))
    }
    const shown: number[] = []
    for (const serial of serials.after(last)) {
      shown.push(serial)
      if (shown.length > first) break // one more tells that there is a next page
    }
    const entries = await readEntries(manager, shown)
    const assets = entries.map((entry) => assetOf(entry, version.id))
    return connectionOf(
      assets,
      { first, after },
      ({ serial }) => [serial],
      () => serials.size,
    )
  }
}
