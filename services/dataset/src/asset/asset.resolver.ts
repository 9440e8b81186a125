import { Matches } from 'class-validator'
import { Args, ArgsType, Ctx, Field, FieldResolver, ID, Int, Resolver, Root } from 'type-graphql'
import type { DatasetContext } from '../context.ts'
import { readPages } from '../page/page.store.ts'
import { requireReadable } from '../sharing/readable.ts'
import { StoredEntries } from '../version/stored-entries.ts'
import { DatasetVersion } from '../version/version.entity.ts'
import { readVersion } from '../version/version.store.ts'
import type { Annotation as StoredAnnotation } from '../annotation/annotation.ts'
import { Annotation, Asset, assetOf, entriesByKey, MetadataEntry } from './asset.type.ts'
import { readEntries } from './entry.store.ts'

@ArgsType()
class AssetArguments {
  @Matches(/^[0-9a-f]{64}$/, { message: 'an asset’s id is 64 hexadecimal digits' })
  @Field(() => ID)
  id!: string
}

@Resolver(() => DatasetVersion)
export class VersionAssetResolver {
  @FieldResolver(() => Asset, { nullable: true, description: 'Null when the version does not hold it.' })
  async asset(
    @Root() version: DatasetVersion,
    @Args(() => AssetArguments) { id }: AssetArguments,
    @Ctx() context: DatasetContext,
  ): Promise<Asset | null> {
    await requireReadable(context, version)
    const { manager } = context.database
    const { serials } = await readPages(manager, version.id)
    const found = serials.intersect(await new StoredEntries(manager).ofAssets([id]))
    const [entry] = await readEntries(manager, [...found])
    return entry ? assetOf(entry, version.id) : null
  }
}

@Resolver(() => Asset)
export class AssetPositionResolver {
  @FieldResolver(() => Int, {
    description: 'How many assets of its version come before it in the order in which they were added.',
  })
  async position(@Root() { serial, versionId }: Asset, @Ctx() context: DatasetContext): Promise<number> {
    const { manager } = context.database
    await requireReadable(context, await readVersion(manager, versionId))
    const { serials } = await readPages(manager, versionId)
    return serials.size - serials.above(serial - 1).size
  }
}

@Resolver(() => Annotation)
export class AnnotationResolver {
  @FieldResolver(() => [MetadataEntry], { description: 'Keys of the user’s own, e.g. stage: late; by key.' })
  attributes(@Root() { attributes = {} }: StoredAnnotation): MetadataEntry[] {
    return entriesByKey(attributes)
  }
}
