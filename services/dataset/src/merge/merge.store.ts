import { DomainError, notFound } from '@ymir/graphql'
import type { EntityManager } from 'typeorm'
import { isUuid } from '../version/version.store.ts'
import type { KeyedConflict } from './asset-merge.ts'
import type { Conflict, Resolution } from './conflict.ts'
import type { Canvas } from './drawn.ts'
import { Merge } from './merge.entity.ts'

/** A conflict of a merge as it is stored. */
export interface StoredConflict {
  readonly key: string
  readonly conflict: Conflict
  readonly resolution: Resolution | null
}

export async function storeConflicts(
  manager: EntityManager,
  mergeId: string,
  conflicts: readonly KeyedConflict[],
): Promise<void> {
  if (conflicts.length === 0) return
  await manager.query(
    `insert into merge_conflicts (merge_id, key, conflict)
     select $1, * from unnest($2::text[], $3::jsonb[])`,
    [
      mergeId,
      conflicts.map(({ key }) => key),
      conflicts.map(({ key: _, ...conflict }) => JSON.stringify(conflict)),
    ],
  )
}

/** Conflicts by key, those after the one given. */
export function readConflicts(
  manager: EntityManager,
  mergeId: string,
  { resolved, after, first }: { resolved: boolean | null; after: string; first: number },
): Promise<StoredConflict[]> {
  return manager.query(
    `select key, conflict, resolution from merge_conflicts
      where merge_id = $1 and key > $2 and ($3::boolean is null or (resolution is not null) = $3)
      order by key limit $4`,
    [mergeId, after, resolved, first],
  )
}

export async function countConflicts(
  manager: EntityManager,
  mergeId: string,
  resolved: boolean | null,
): Promise<number> {
  const [row]: { count: string }[] = await manager.query(
    `select count(*) from merge_conflicts
      where merge_id = $1 and ($2::boolean is null or (resolution is not null) = $2)`,
    [mergeId, resolved],
  )
  return Number(row!.count)
}

export async function findConflicts(
  manager: EntityManager,
  mergeId: string,
  keys: readonly string[],
): Promise<StoredConflict[]> {
  return manager.query(
    'select key, conflict, resolution from merge_conflicts where merge_id = $1 and key = any($2::text[])',
    [mergeId, keys],
  )
}

export async function storeResolutions(
  manager: EntityManager,
  mergeId: string,
  resolutions: ReadonlyMap<string, Resolution>,
): Promise<void> {
  await manager.query(
    `update merge_conflicts set resolution = given.resolution
       from unnest($2::text[], $3::jsonb[]) as given (key, resolution)
      where merge_id = $1 and merge_conflicts.key = given.key`,
    [mergeId, [...resolutions.keys()], [...resolutions.values()].map((one) => JSON.stringify(one))],
  )
}

export async function readResolutions(
  manager: EntityManager,
  mergeId: string,
): Promise<ReadonlyMap<string, Resolution>> {
  const rows: { key: string; resolution: Resolution }[] = await manager.query(
    'select key, resolution from merge_conflicts where merge_id = $1 and resolution is not null',
    [mergeId],
  )
  return new Map(rows.map(({ key, resolution }) => [key, resolution]))
}

/**
 * An open merge, locked until the transaction ends.
 * @throws DomainError NOT_FOUND, or CONFLICT when it has ended
 */
export async function openMerge(manager: EntityManager, id: string): Promise<Merge> {
  const merge = isUuid(id)
    ? await manager.findOne(Merge, { where: { id }, lock: { mode: 'pessimistic_write' } })
    : null
  if (!merge) throw notFound('merge', id)
  if (merge.state === 'OPEN') return merge
  throw new DomainError('CONFLICT', `merge ${id} is ${merge.state}: begin a new one`, {
    mergeId: id,
    state: merge.state,
  })
}

/** The images of conflicts, by asset. */
export async function readCanvases(
  manager: EntityManager,
  conflicts: readonly StoredConflict[],
): Promise<Map<string, Canvas>> {
  const rows: Canvas[] = await manager.query(
    `select encode(id, 'hex') as "assetId", width, height from assets
      where id in (select decode(id, 'hex') from unnest($1::text[]) as a (id))`,
    [conflicts.map(({ conflict }) => conflict.assetId)],
  )
  return new Map(rows.map((canvas) => [canvas.assetId, canvas]))
}
