import type { Bus } from '@ymir/bus'
import { DomainError, notFound } from '@ymir/graphql'
import { DatasetDeletedSchema } from '@ymir/proto-events'
import type { EntityManager } from 'typeorm'
import { markManifests } from '../storage/unreachable.ts'
import { Dataset } from './dataset.entity.ts'

const named = 10

/**
 * Deletes a dataset with its versions, for good; garbage collection frees the bytes later. Refused while versions of other
 * datasets were made from its versions: their lineage would point into nothing.
 * @throws DomainError NOT_FOUND, or CONFLICT with what is in the way
 */
export async function deleteDataset(
  manager: EntityManager,
  bus: Bus,
  { id, actorId }: { id: string; actorId: string },
): Promise<void> {
  const dataset = await manager.findOne(Dataset, { where: { id }, lock: { mode: 'pessimistic_write' } })
  if (!dataset) throw notFound('dataset', id)
  await refuseWhileImporting(manager, dataset)
  // locked before looking for descendants: one that is being made is seen, one that comes later finds no parent
  const versions: { id: string }[] = await manager.query(
    'select id from dataset_versions where dataset_id = $1 order by number for update',
    [id],
  )
  await refuseWithDescendants(manager, dataset)
  await refuseWithProtectedTags(manager, dataset)
  const versionIds = versions.map((version) => version.id)
  await markManifests(manager, versionIds)
  await forgetMerges(manager, id, versionIds)
  await manager.query('delete from version_tags where dataset_id = $1', [id])
  await manager.query(
    `delete from lineage_edges where (from_kind = 'VERSION' and from_id = any($1::uuid[]))
        or (to_kind = 'VERSION' and to_id = any($1::uuid[]))`,
    [versionIds],
  )
  await manager.query('delete from prediction_sets where version_id = any($1::uuid[])', [versionIds])
  await manager.query('delete from imports where dataset_id = $1', [id])
  await manager.query('delete from version_parents where version_id = any($1::uuid[])', [versionIds])
  await manager.query('delete from version_pages where version_id = any($1::uuid[])', [versionIds])
  await manager.query('delete from dataset_versions where id = any($1::uuid[])', [versionIds])
  await manager.delete(Dataset, { id })
  const { projectId, name } = dataset
  await bus.emit(manager, DatasetDeletedSchema, { projectId, datasetId: id, name, versionIds, actorId })
}

async function refuseWithProtectedTags(manager: EntityManager, { id, name }: Dataset): Promise<void> {
  const rows: { name: string }[] = await manager.query(
    `select name from version_tags where dataset_id = $1 and protected order by name limit ${named}`,
    [id],
  )
  if (rows.length === 0) return
  const names = rows.map((row) => `"${row.name}"`).join(', ')
  throw new DomainError('CONFLICT', `"${name}" has protected tags (${names}): delete them first`, {
    datasetId: id,
  })
}

/** Merges into the dataset, and open ones of its versions: none of them can be finished any more. */
async function forgetMerges(
  manager: EntityManager,
  id: string,
  versionIds: readonly string[],
): Promise<void> {
  const merges: { id: string }[] = await manager.query(
    `select id from merges where dataset_id = $1 or ours_id = any($2::uuid[]) or theirs_id = any($2::uuid[])
        or base_id = any($2::uuid[])`,
    [id, versionIds],
  )
  const ids = merges.map((merge) => merge.id)
  await manager.query('delete from merge_conflicts where merge_id = any($1::uuid[])', [ids])
  await manager.query('delete from merges where id = any($1::uuid[])', [ids])
}

async function refuseWhileImporting(manager: EntityManager, { id, name }: Dataset): Promise<void> {
  const rows: unknown[] = await manager.query(
    `select from imports where dataset_id = $1 and state not in ('SUCCEEDED', 'REFUSED', 'FAILED', 'CANCELLED') limit 1`,
    [id],
  )
  if (rows.length === 0) return
  throw new DomainError('CONFLICT', `an import into "${name}" is not finished: cancel it or wait for its end`)
}

async function refuseWithDescendants(
  manager: EntityManager,
  { id, name, projectId }: Dataset,
): Promise<void> {
  const rows: { name: string; project_id: string }[] = await manager.query(
    `select distinct d.name, d.project_id from version_parents
       join dataset_versions parent on parent.id = parent_id join dataset_versions child on child.id = version_id
       join datasets d on d.id = child.dataset_id
      where parent.dataset_id = $1 and child.dataset_id <> $1 order by d.name limit ${named}`,
    [id],
  )
  if (rows.length === 0) return
  // names of other projects are not for everyone
  const names = rows.map((row) => (row.project_id === projectId ? `"${row.name}"` : 'one of another project'))
  throw new DomainError(
    'CONFLICT',
    `"${name}" cannot be deleted: other datasets were made from it (${[...new Set(names)].join(', ')}); delete them first`,
    { datasetId: id },
  )
}
