import {
  Arg,
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
import type { DatasetContext } from '../context.ts'
import { Dataset } from '../dataset/dataset.entity.ts'
import { loadDataset, loadProject, loadVersion } from '../dataset/dataset.resolver.ts'
import { Project } from '../project/project.entity.ts'
import { User } from '../project/user.ts'
import { isReadable, requireReadable } from '../sharing/readable.ts'
import { DatasetStatistics, statisticsOf } from './statistics.type.ts'
import { DatasetVersion } from './version.entity.ts'
import { isUuid } from './version.store.ts'

@ObjectType()
class LabelCount {
  @Field(() => String)
  label!: string

  @Field(() => Int)
  annotationCount!: number

  @Field(() => Int, { description: 'Assets with at least one such annotation.' })
  assetCount!: number
}

@ObjectType({
  description:
    'The content as JSON Lines in the blob store, one asset a line, ordered by asset id: {"assetId","format","width","height","annotations":[{"label","box":{"x","y","width","height"},"difficult","truncated","crowd"}]}.',
})
class Manifest {
  @Field(() => String)
  sha256!: string

  @Field(() => Float, { description: 'Bytes.' })
  size!: number
}

@Resolver(() => DatasetVersion)
export class VersionResolver {
  @Query(() => DatasetVersion, { nullable: true })
  async datasetVersion(
    @Arg('id', () => ID) id: string,
    @Ctx() context: DatasetContext,
  ): Promise<DatasetVersion | null> {
    const version = isUuid(id) ? await loadVersion(context, id) : null
    if (version) await requireReadable(context, version)
    return version
  }

  @FieldResolver(() => Dataset)
  dataset(@Root() { datasetId }: DatasetVersion, @Ctx() context: DatasetContext): Promise<Dataset | null> {
    return loadDataset(context, datasetId)
  }

  @FieldResolver(() => Project)
  project(@Root() { projectId }: DatasetVersion, @Ctx() context: DatasetContext): Promise<Project | null> {
    return loadProject(context, projectId)
  }

  @FieldResolver(() => User, { nullable: true, description: 'Null when the platform itself made it.' })
  createdBy(@Root() { createdById }: DatasetVersion): User | null {
    return createdById ? { id: createdById } : null
  }

  @FieldResolver(() => [DatasetVersion], {
    description:
      'What it was made from, in the order given; those of projects that you cannot see are left out.',
  })
  async parents(@Root() { id }: DatasetVersion, @Ctx() context: DatasetContext): Promise<DatasetVersion[]> {
    const loader = context.loader<string, string[]>('parents of version', async (ids) => {
      const rows: { version_id: string; parent_id: string }[] = await context.database.query(
        'select version_id, parent_id from version_parents where version_id = any($1::uuid[]) order by position',
        [ids],
      )
      return ids.map((one) => rows.filter((row) => row.version_id === one).map((row) => row.parent_id))
    })
    const parents = await Promise.all((await loader.load(id)).map((parent) => loadVersion(context, parent)))
    const visible: DatasetVersion[] = []
    for (const parent of parents) if (parent && (await isReadable(context, parent))) visible.push(parent)
    return visible
  }

  @FieldResolver(() => [LabelCount], { description: 'Labels that occur, by name.' })
  labels(@Root() { counts }: DatasetVersion): LabelCount[] {
    return Object.entries(counts.labels)
      .map(([label, count]) => ({ label, ...count }))
      .sort((one, other) => one.label.localeCompare(other.label, 'en'))
  }

  @FieldResolver(() => DatasetStatistics)
  statistics(@Root() { counts }: DatasetVersion): DatasetStatistics {
    return statisticsOf(counts)
  }

  @FieldResolver(() => Manifest, { description: 'Made when first asked for.' })
  async manifest(@Root() version: DatasetVersion, @Ctx() context: DatasetContext): Promise<Manifest> {
    await requireReadable(context, version)
    return context.manifests.of(version)
  }
}
