import { Connection, ConnectionArguments, keysetPage, type Page } from '@ymir/graphql'
import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql'
import { In } from 'typeorm'
import type { DatasetContext } from '../context.ts'
import { Project } from '../project/project.entity.ts'
import { requireReadable } from '../sharing/readable.ts'
import { DatasetVersion } from '../version/version.entity.ts'
import { isUuid } from '../version/version.store.ts'
import { Dataset } from './dataset.entity.ts'

export const DatasetConnection = Connection('Dataset', () => Dataset)
const DatasetVersionConnection = Connection('DatasetVersion', () => DatasetVersion)

@Resolver(() => Dataset)
export class DatasetResolver {
  @Query(() => Dataset, { nullable: true })
  async dataset(@Arg('id', () => ID) id: string, @Ctx() context: DatasetContext): Promise<Dataset | null> {
    const dataset = isUuid(id) ? await loadDataset(context, id) : null
    if (dataset) await requireReadable(context, { ...dataset, datasetId: dataset.id })
    return dataset
  }

  @FieldResolver(() => Project)
  async project(@Root() { projectId }: Dataset, @Ctx() context: DatasetContext): Promise<Project | null> {
    return loadProject(context, projectId)
  }

  @FieldResolver(() => DatasetVersion, { nullable: true })
  async latestVersion(
    @Root() { id }: Dataset,
    @Ctx() context: DatasetContext,
  ): Promise<DatasetVersion | null> {
    const loader = context.loader<string, DatasetVersion | null>('latest version of dataset', async (ids) => {
      const versions = await context.database
        .getRepository(DatasetVersion)
        .createQueryBuilder('version')
        .distinctOn(['version.datasetId'])
        .where('version.datasetId in (:...ids)', { ids })
        .orderBy('version.datasetId')
        .addOrderBy('version.number', 'DESC')
        .getMany()
      return ids.map((one) => versions.find(({ datasetId }) => datasetId === one) ?? null)
    })
    return loader.load(id)
  }

  @FieldResolver(() => DatasetVersionConnection, { description: 'Newest first.' })
  versions(
    @Root() { id }: Dataset,
    @Args(() => ConnectionArguments) page: ConnectionArguments,
    @Ctx() { database }: DatasetContext,
  ): Promise<Page<DatasetVersion>> {
    const query = database
      .getRepository(DatasetVersion)
      .createQueryBuilder('version')
      .where('version.datasetId = :id', { id })
    return keysetPage(query, page)
  }
}

/** One query for all datasets that a request needs; null for one that is not there. */
export function loadDataset(context: DatasetContext, id: string): Promise<Dataset | null> {
  return loadById(context, Dataset, id)
}

export function loadProject(context: DatasetContext, id: string): Promise<Project | null> {
  return loadById(context, Project, id)
}

export function loadVersion(context: DatasetContext, id: string): Promise<DatasetVersion | null> {
  return loadById(context, DatasetVersion, id)
}

/** One query for all rows of a kind that a request needs. */
export function loadById<Row extends { id: string }>(
  { loader, database }: DatasetContext,
  entity: new () => Row,
  id: string,
): Promise<Row | null> {
  const byId = loader<string, Row | null>(`${entity.name} by id`, async (ids) => {
    // every entity has the column id, which a type parameter cannot tell TypeORM
    const rows = await database.getRepository<{ id: string }>(entity).findBy({ id: In([...ids]) })
    return ids.map((one) => (rows.find((row) => row.id === one) as Row | undefined) ?? null)
  })
  return byId.load(id)
}
