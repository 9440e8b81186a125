import type { Bus } from '@ymir/bus'
import { DomainError, notFound } from '@ymir/graphql'
import { DatasetVersionTaggedSchema } from '@ymir/proto-events'
import type { EntityManager } from 'typeorm'
import type { VersionTag } from './tag.type.ts'

interface TagRow {
  readonly dataset_id: string
  readonly name: string
  readonly version_id: string
  readonly protected: boolean
  readonly set_at: Date
  readonly set_by: string
}

export interface NewTag {
  readonly projectId: string
  readonly datasetId: string
  readonly versionId: string
  readonly name: string
  readonly isProtected: boolean
  readonly actorId: string
}

/** The tag of a name, locked until the transaction ends; null when there is none. */
export async function findTag(
  manager: EntityManager,
  datasetId: string,
  name: string,
): Promise<VersionTag | null> {
  const [row]: TagRow[] = await manager.query(
    'select * from version_tags where dataset_id = $1 and lower(name) = lower($2) for update',
    [datasetId, name],
  )
  return row ? tagOf(row) : null
}

/** Sets a tag, or moves the one of that name; says so unless it stood there already. */
export async function setTag(
  manager: EntityManager,
  bus: Bus,
  tag: NewTag,
  before: VersionTag | null,
): Promise<VersionTag> {
  const { projectId, datasetId, versionId, name, isProtected, actorId } = tag
  const rows: TagRow[] = await manager.query(
    `insert into version_tags (dataset_id, name, version_id, protected, set_at, set_by)
     values ($1, $2, $3, $4, now(), $5)
     on conflict (dataset_id, lower(name)) do update
       set version_id = excluded.version_id, protected = excluded.protected, set_at = excluded.set_at,
           set_by = excluded.set_by
     returning *`,
    [datasetId, name, versionId, isProtected, actorId],
  )
  const previousVersionId = before?.versionId ?? ''
  if (previousVersionId !== versionId)
    await bus.emit(manager, DatasetVersionTaggedSchema, {
      ...{ projectId, datasetId, versionId, previousVersionId, actorId },
      name: rows[0]!.name,
    })
  return tagOf(rows[0]!)
}

/** @throws DomainError NOT_FOUND */
export async function requireTag(
  manager: EntityManager,
  datasetId: string,
  name: string,
): Promise<VersionTag> {
  const tag = await findTag(manager, datasetId, name)
  if (!tag) throw notFound('tag of this dataset', name)
  return tag
}

export async function removeTag(
  manager: EntityManager,
  bus: Bus,
  { projectId, datasetId, actorId }: Pick<NewTag, 'projectId' | 'datasetId' | 'actorId'>,
  { name, versionId }: VersionTag,
): Promise<void> {
  await manager.query('delete from version_tags where dataset_id = $1 and name = $2', [datasetId, name])
  await bus.emit(manager, DatasetVersionTaggedSchema, {
    ...{ projectId, datasetId, versionId, previousVersionId: versionId, name, removed: true, actorId },
  })
}

export function tagMoves(tag: VersionTag, versionId: string): DomainError {
  return new DomainError(
    'CONFLICT',
    `the tag "${tag.name}" names dataset version ${tag.versionId}: give move: true to move it to ${versionId}`,
    { field: 'move', versionId: tag.versionId },
  )
}

/** Tags of each dataset, by name. */
export async function tagsOfDatasets(
  manager: EntityManager,
  ids: readonly string[],
): Promise<VersionTag[][]> {
  const rows: TagRow[] = await manager.query(
    'select * from version_tags where dataset_id = any($1::uuid[]) order by lower(name)',
    [ids],
  )
  return ids.map((id) => rows.filter((row) => row.dataset_id === id).map(tagOf))
}

/** Tags of each version, by name. */
export async function tagsOfVersions(
  manager: EntityManager,
  ids: readonly string[],
): Promise<VersionTag[][]> {
  const rows: TagRow[] = await manager.query(
    'select * from version_tags where version_id = any($1::uuid[]) order by lower(name)',
    [ids],
  )
  return ids.map((id) => rows.filter((row) => row.version_id === id).map(tagOf))
}

function tagOf(row: TagRow): VersionTag {
  return {
    name: row.name,
    isProtected: row.protected,
    setAt: row.set_at,
    versionId: row.version_id,
    setById: row.set_by,
  }
}
