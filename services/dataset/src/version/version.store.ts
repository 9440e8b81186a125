import { randomUUID } from 'node:crypto'
import { DatasetVersionCreatedSchema } from '@ymir/proto-events'
import type { Bus } from '@ymir/bus'
import { notFound } from '@ymir/graphql'
import type { EntityManager } from 'typeorm'
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js'
import type { Dataset } from '../dataset/dataset.entity.ts'
import { readPages, storePages, type StoredSet } from '../page/page.store.ts'
import { rootOf } from '../page/root.ts'
import type { SerialSet } from '../page/serial-set.ts'
import { addStatistics, noStatistics } from '../page/statistics.ts'
import { DatasetVersion } from './version.entity.ts'
import type { Operation } from './version.ts'

/** A version that is there, with its entries. */
export interface VersionContent extends StoredSet {
  readonly version: DatasetVersion
}

export interface NewVersion {
  /** Chosen by the one who asked; otherwise a new one. */
  readonly id?: string
  readonly dataset: Dataset
  readonly operation: Operation
  readonly parameters: Record<string, unknown>
  readonly seed?: number
  readonly note?: string | null
  readonly parents: readonly VersionContent[]
  readonly serials: SerialSet
  /** User; empty when the platform itself did it. */
  readonly actorId: string
}

/** Stores a version and says so. The caller has locked its dataset (see `openDataset`). */
export async function createVersion(
  manager: EntityManager,
  bus: Bus,
  { serials, parents, ...wanted }: NewVersion,
): Promise<DatasetVersion> {
  const relatives = parents.map((parent) => parent.serials)
  const pages = await storePages(manager, serials, relatives)
  const counts = pages.map(({ statistics }) => statistics).reduce(addStatistics, noStatistics)
  const content = { counts, root: rootOf(pages) }
  const parentIds = parents.map((parent) => parent.version.id)
  const version = await insertVersion(manager, bus, { ...wanted, ...content, parentIds })
  await manager.query(
    `insert into version_pages (version_id, page_number, page_hash) select $1, * from unnest($2::integer[], $3::bytea[])`,
    [version.id, pages.map(({ number }) => number), pages.map(({ hash }) => hash)],
  )
  return version
}

/** A version with the content of another: names its pages and reads none of them. */
export async function copyVersion(
  manager: EntityManager,
  bus: Bus,
  wanted: Omit<NewVersion, 'serials' | 'parents'>,
  source: DatasetVersion,
): Promise<DatasetVersion> {
  const { counts, root, manifestSha256, manifestSize } = source
  const content = { counts, root, manifestSha256, manifestSize }
  const version = await insertVersion(manager, bus, { ...wanted, ...content, parentIds: [source.id] })
  await manager.query(
    `insert into version_pages (version_id, page_number, page_hash)
     select $1, page_number, page_hash from version_pages where version_id = $2`,
    [version.id, source.id],
  )
  return version
}

interface NewRow
  extends
    Omit<NewVersion, 'serials' | 'parents'>,
    Pick<DatasetVersion, 'counts' | 'root'>,
    Partial<Pick<DatasetVersion, 'manifestSha256' | 'manifestSize'>> {
  readonly parentIds: readonly string[]
}

async function insertVersion(
  manager: EntityManager,
  bus: Bus,
  { dataset, parentIds, actorId, counts, ...wanted }: NewRow,
): Promise<DatasetVersion> {
  const version = manager.create(DatasetVersion, {
    ...wanted,
    id: wanted.id ?? randomUUID(),
    datasetId: dataset.id,
    projectId: dataset.projectId,
    number: await nextNumber(manager, dataset),
    seed: wanted.seed ?? null,
    note: wanted.note ?? null,
    assetCount: counts.assetCount,
    annotationCount: counts.annotationCount,
    negativeCount: counts.negativeCount,
    counts,
    createdAt: new Date(),
    createdById: actorId,
  })
  // TypeORM's partial type does not see that jsonb takes any object
  await manager.insert(DatasetVersion, version as QueryDeepPartialEntity<DatasetVersion>)
  await manager.query(
    `insert into version_parents (version_id, position, parent_id)
     select $1, position, id from unnest($2::uuid[]) with ordinality as p (id, position)`,
    [version.id, parentIds],
  )
  await bus.emit(manager, DatasetVersionCreatedSchema, {
    projectId: version.projectId,
    versionId: version.id,
    datasetId: dataset.id,
    datasetName: dataset.name,
    number: version.number,
    operation: version.operation,
    parentVersionIds: [...parentIds],
    root: version.root,
    assetCount: BigInt(version.assetCount),
    annotationCount: BigInt(version.annotationCount),
    actorId,
  })
  return version
}

/** @throws DomainError NOT_FOUND */
export async function readVersion(manager: EntityManager, id: string): Promise<DatasetVersion> {
  const version = isUuid(id) ? await manager.findOneBy(DatasetVersion, { id }) : null
  if (!version) throw notFound('dataset version', id)
  return version
}

/** @throws DomainError NOT_FOUND */
export async function readContent(manager: EntityManager, id: string): Promise<VersionContent> {
  const version = await readVersion(manager, id)
  return { version, ...(await readPages(manager, version.id)) }
}

/** What a version was made from, in order. */
export async function parentIdsOf(manager: EntityManager, versionId: string): Promise<string[]> {
  const rows: { parent_id: string }[] = await manager.query(
    'select parent_id from version_parents where version_id = $1 order by position',
    [versionId],
  )
  return rows.map((row) => row.parent_id)
}

export function isUuid(id: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)
}

async function nextNumber(manager: EntityManager, dataset: Dataset): Promise<number> {
  const last = await manager.maximum(DatasetVersion, 'number', { datasetId: dataset.id })
  return (last ?? 0) + 1
}
