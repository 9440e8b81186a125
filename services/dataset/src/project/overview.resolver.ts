import { IsInt, Max, Min } from 'class-validator'
import { Args, ArgsType, Ctx, Field, FieldResolver, Int, Resolver, Root } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import type { DatasetContext } from '../context.ts'
import { firstPages } from '../page/page.store.ts'
import { Project } from './project.entity.ts'

@ArgsType()
class ThumbnailArguments {
  @IsInt()
  @Min(1)
  @Max(12)
  @Field(() => Int, { defaultValue: 4, description: 'How many, 12 at most.' })
  first!: number
}

/** What a project holds in all. */
interface Amounts {
  readonly datasets: number
  readonly versions: number
  readonly assets: number
}

/** What a list of projects shows of each: one query for all of them, however many there are. */
@Resolver(() => Project)
export class ProjectOverviewResolver {
  @FieldResolver(() => [String], {
    description: 'Paths of small images at the gateway: a few assets of its newest version that has any.',
  })
  async thumbnailUrls(
    @Root() { id }: Project,
    @Args(() => ThumbnailArguments) { first }: ThumbnailArguments,
    @Ctx() { access, database, loader }: DatasetContext,
  ): Promise<string[]> {
    await access.requireProject(id, 'VIEWER')
    return loader<string, string[]>(`${first} thumbnails of project`, (ids) =>
      thumbnailUrlsOf(database.manager, ids, first),
    ).load(id)
  }

  @FieldResolver(() => Int, { description: 'Datasets with a version.' })
  async datasetCount(@Root() { id }: Project, @Ctx() context: DatasetContext): Promise<number> {
    return (await amountsOf(id, context)).datasets
  }

  @FieldResolver(() => Int, { description: 'Versions of all its datasets.' })
  async versionCount(@Root() { id }: Project, @Ctx() context: DatasetContext): Promise<number> {
    return (await amountsOf(id, context)).versions
  }

  @FieldResolver(() => Int, {
    description:
      'Assets in the newest versions of its datasets; one that is in several datasets counts in each.',
  })
  async assetCount(@Root() { id }: Project, @Ctx() context: DatasetContext): Promise<number> {
    return (await amountsOf(id, context)).assets
  }
}

async function amountsOf(projectId: string, { access, database, loader }: DatasetContext): Promise<Amounts> {
  await access.requireProject(projectId, 'VIEWER')
  return loader<string, Amounts>('amounts of project', async (ids) => {
    const rows: (Amounts & { project: string })[] = await database.query(
      `select project_id as project, count(*)::integer as datasets, sum(versions)::integer as versions,
              sum(asset_count)::integer as assets
         from (select distinct on (dataset_id) project_id, dataset_id, asset_count,
                      count(*) over (partition by dataset_id) as versions
                 from dataset_versions where project_id = any($1::uuid[])
                order by dataset_id, number desc) newest
        group by project_id`,
      [ids],
    )
    const nothing = { datasets: 0, versions: 0, assets: 0 }
    return ids.map((id) => rows.find(({ project }) => project === id) ?? nothing)
  }).load(projectId)
}

async function thumbnailUrlsOf(
  manager: EntityManager,
  projectIds: readonly string[],
  first: number,
): Promise<string[][]> {
  const newest: { project: string; version: string }[] = await manager.query(
    `select distinct on (project_id) project_id as project, id as version from dataset_versions
      where project_id = any($1::uuid[]) and asset_count > 0 order by project_id, created_at desc, id desc`,
    [projectIds],
  )
  const pages = await firstPages(
    manager,
    newest.map(({ version }) => version),
  )
  const chosen = newest.map(({ project, version }) => ({
    ...{ project, version },
    serials: [...(pages.get(version)?.atRanks(Array.from({ length: first }, (_, rank) => rank)) ?? [])],
  }))
  const assets: { serial: string; asset: string }[] = await manager.query(
    `select serial, encode(asset_id, 'hex') as asset from entries where serial = any($1::bigint[])`,
    [chosen.flatMap(({ serials }) => serials)],
  )
  const assetAt = new Map(assets.map(({ serial, asset }) => [Number(serial), asset]))
  return projectIds.map((id) => {
    const of = chosen.find(({ project }) => project === id)
    return of ? of.serials.map((serial) => `/files/thumbnails/${of.version}/${assetAt.get(serial)}`) : []
  })
}
