import { ArrayMaxSize, IsUUID, Matches, Max, Min } from 'class-validator'
import {
  Args,
  ArgsType,
  Ctx,
  Field,
  FieldResolver,
  Float,
  ID,
  Int,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { Asset, assetOf } from '../asset/asset.type.ts'
import { entriesOfAssets, readEntries } from '../asset/entry.store.ts'
import type { DatasetContext } from '../context.ts'
import { readPages } from '../page/page.store.ts'
import { SerialSet } from '../page/serial-set.ts'
import { StoredEntries } from '../version/stored-entries.ts'
import { DatasetVersion } from '../version/version.entity.ts'
import { readContent, readVersion } from '../version/version.store.ts'
import { exactDistance } from './bands.ts'
import type { DifferenceHash } from './difference-hash.ts'
import { nearGroups, nearPairs } from './near.ts'

const shown = 100

@ArgsType()
class SimilarArguments {
  @Min(1)
  @Max(200)
  @Field(() => Int, { defaultValue: 20 })
  first!: number

  @Min(0)
  @Max(64)
  @Field(() => Int, { defaultValue: 10, description: 'In how many of 64 bits the hashes may differ.' })
  maxDistance!: number
}

@ArgsType()
class NearArguments {
  @Min(0)
  @Max(exactDistance)
  @Field(() => Int, {
    defaultValue: exactDistance,
    description: 'In how many of 64 bits the hashes of images that count as alike may differ.',
  })
  maxDistance!: number
}

@ArgsType()
class HashesArguments {
  @ArrayMaxSize(5_000)
  @Matches(/^[0-9a-f]{64}$/, {
    each: true,
    message: '$property takes SHA-256 sums of images, in hexadecimal',
  })
  @Field(() => [ID], { description: '5,000 at most.' })
  assetIds!: string[]
}

@ArgsType()
class LeakageArguments extends NearArguments {
  @IsUUID()
  @Field(() => ID)
  trainVersionId!: string

  @IsUUID()
  @Field(() => ID)
  testVersionId!: string
}

@ObjectType({ description: 'An image that looks like another.' })
class SimilarAsset {
  @Field(() => Asset)
  asset!: Asset

  @Field(() => Int, {
    description: 'Bits of 64 in which the perceptual hashes differ; 0: they look the same.',
  })
  distance!: number
}

@ObjectType({ description: 'Images of a version that look almost the same.' })
class NearDuplicates {
  @Field(() => Int, { description: 'Groups of images that are alike.' })
  groupCount!: number

  @Field(() => Int, { description: 'Images that could go, if one of each group stays.' })
  redundantCount!: number

  @Field(() => [[Asset]], { description: 'The largest 100 groups, up to 20 images of each.' })
  groups!: Asset[][]

  @Field(() => Float, {
    description: 'Share of the images that were compared; the others have no hash yet. 0 to 1.',
  })
  hashedShare!: number

  @Field(() => Boolean, {
    description: 'False when too many images look almost the same for all to be compared: there may be more.',
  })
  complete!: boolean
}

@ObjectType({ description: 'An image to test with and one to train with that are alike.' })
class LeakedPair {
  @Field(() => Asset)
  test!: Asset

  @Field(() => Asset)
  train!: Asset
}

@ObjectType({ description: 'What a test set shares with a training set: figures measured with it flatter.' })
class DatasetLeakage {
  @Field(() => Int, { description: 'Test images that are in the training set with the same bytes.' })
  identicalCount!: number

  @Field(() => [Asset], { description: 'The first 100 of them.' })
  identical!: Asset[]

  @Field(() => Int, { description: 'Further test images that look almost like one to train with.' })
  nearCount!: number

  @Field(() => [LeakedPair], { description: 'The first 100 of them.' })
  near!: LeakedPair[]

  @Field(() => Float, {
    description:
      'Share of the images of both that were compared by looks; the others have no hash yet. 0 to 1.',
  })
  hashedShare!: number

  @Field(() => Boolean, {
    description: 'False when too many images look almost the same for all to be compared: there may be more.',
  })
  complete!: boolean
}

@Resolver(() => Asset)
export class SimilarResolver {
  @FieldResolver(() => [SimilarAsset], {
    description:
      'Images of the same version that look like this one, nearest first. Empty while it has no hash.',
  })
  async similar(
    @Root() { serial, versionId }: Asset,
    @Args(() => SimilarArguments) { first, maxDistance }: SimilarArguments,
    @Ctx() { access, database: { manager }, hashIndex }: DatasetContext,
  ): Promise<SimilarAsset[]> {
    const version = await readVersion(manager, versionId)
    await access.requireProject(version.projectId, 'VIEWER')
    await hashIndex.refresh(manager)
    const hash = hashIndex.hashOf(serial)
    if (!hash) return []
    const { serials } = await readPages(manager, versionId)
    const near = hashIndex.near(hash, serials, maxDistance).filter((one) => one.serial !== serial)
    const chosen = near.slice(0, first)
    const assets = await assetsBySerial(
      manager,
      chosen.map((one) => one.serial),
      versionId,
    )
    return chosen.map((one) => ({ asset: assets.get(one.serial)!, distance: one.distance }))
  }
}

@Resolver(() => DatasetVersion)
export class LikenessResolver {
  @FieldResolver(() => NearDuplicates, {
    description: 'Images that look almost the same; equal bytes are in a version once anyway.',
  })
  async nearDuplicates(
    @Root() version: DatasetVersion,
    @Args(() => NearArguments) { maxDistance }: NearArguments,
    @Ctx() { access, database: { manager }, hashIndex }: DatasetContext,
  ): Promise<NearDuplicates> {
    await access.requireProject(version.projectId, 'VIEWER')
    await hashIndex.refresh(manager)
    const { serials } = await readPages(manager, version.id)
    const hashed = hashIndex.listOf(serials)
    const { groups, complete } = await nearGroups(hashed, maxDistance)
    const listed = groups.slice(0, shown).map((group) => group.slice(0, 20))
    const assets = await assetsBySerial(manager, listed.flat(), version.id)
    return {
      groupCount: groups.length,
      redundantCount: groups.reduce((sum, group) => sum + group.length - 1, 0),
      groups: listed.map((group) => group.map((serial) => assets.get(serial)!)),
      hashedShare: share(hashed.length, serials.size),
      complete,
    }
  }

  @FieldResolver(() => [String], {
    nullable: 'items',
    description:
      'What images of the version look like: the 64 bits of their perceptual hash in hexadecimal, in the order asked for. Null where the version lacks the image, or it has no hash yet.',
  })
  async perceptualHashes(
    @Root() version: DatasetVersion,
    @Args(() => HashesArguments) { assetIds }: HashesArguments,
    @Ctx() { access, database: { manager }, hashIndex }: DatasetContext,
  ): Promise<(string | null)[]> {
    await access.requireProject(version.projectId, 'VIEWER')
    await hashIndex.refresh(manager)
    const { serials } = await readPages(manager, version.id)
    const entries = await entriesOfAssets(manager, assetIds)
    const inVersion = new Set(serials.intersect(SerialSet.of(entries.map(({ serial }) => serial))))
    const hashes = new Map(
      entries
        .filter(({ serial }) => inVersion.has(serial))
        .map(({ serial, assetId }) => [assetId, hashIndex.hashOf(serial)]),
    )
    return assetIds.map((assetId) => hexadecimalOf(hashes.get(assetId)))
  }

  @Query(() => DatasetLeakage, {
    description: 'Looks for images of a test set in a training set: the same bytes, and the same looks.',
  })
  datasetLeakage(
    @Args(() => LeakageArguments) { trainVersionId, testVersionId, maxDistance }: LeakageArguments,
    @Ctx() { access, database, hashIndex }: DatasetContext,
  ): Promise<DatasetLeakage> {
    return database.transaction(async (manager) => {
      const train = await readContent(manager, trainVersionId)
      const test = await readContent(manager, testVersionId)
      for (const { version } of [train, test]) await access.requireProject(version.projectId, 'VIEWER')
      await hashIndex.refresh(manager)
      const sameAssets = await new StoredEntries(manager).ofSameAssets(train.serials)
      const identical = test.serials.intersect(sameAssets)
      const candidates = hashIndex.listOf(test.serials.minus(identical))
      const trained = hashIndex.listOf(train.serials)
      const { pairs, complete } = await nearPairs(candidates, trained, maxDistance)
      const listed = pairs.slice(0, shown)
      const inTest = await assetsBySerial(
        manager,
        [...firstOf(identical), ...listed.map(({ serial }) => serial)],
        testVersionId,
      )
      const inTrain = await assetsBySerial(
        manager,
        listed.map(({ like }) => like),
        trainVersionId,
      )
      return {
        identicalCount: identical.size,
        identical: firstOf(identical).map((serial) => inTest.get(serial)!),
        nearCount: pairs.length,
        near: listed.map(({ serial, like }) => ({ test: inTest.get(serial)!, train: inTrain.get(like)! })),
        hashedShare: share(
          hashIndex.listOf(test.serials).length + trained.length,
          test.serials.size + train.serials.size,
        ),
        complete,
      }
    })
  }
}

function hexadecimalOf(hash: DifferenceHash | undefined): string | null {
  if (!hash) return null
  return [hash.high, hash.low].map((word) => word.toString(16).padStart(8, '0')).join('')
}

function firstOf(serials: SerialSet): number[] {
  const first: number[] = []
  for (const serial of serials) {
    if (first.length === shown) break
    first.push(serial)
  }
  return first
}

function share(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole
}

async function assetsBySerial(
  manager: EntityManager,
  serials: readonly number[],
  versionId: string,
): Promise<ReadonlyMap<number, Asset>> {
  const entries = await readEntries(manager, serials)
  return new Map(entries.map((entry) => [entry.serial, assetOf(entry, versionId)]))
}
