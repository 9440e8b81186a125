import { DomainError } from '@ymir/graphql'
import type { EntityManager } from 'typeorm'
import { mergeBases, type VersionGraph } from './graph.ts'

/** Versions that are looked at, at most, to find where two come from. */
const ancestorsAtMost = 100_000

/** The versions given and all that they were made from. */
export async function readAncestors(manager: EntityManager, ids: readonly string[]): Promise<VersionGraph> {
  const rows: { id: string; parents: string[]; created_at: Date }[] = await manager.query(
    `with recursive ancestors (id) as (
       select unnest($1::uuid[])
       union
       select parent_id from version_parents join ancestors on version_id = id
     )
     select id, created_at,
            array(select parent_id::text from version_parents where version_id = id order by position) as parents
       from (select id from ancestors limit ${ancestorsAtMost}) nearest join dataset_versions using (id)`,
    [ids],
  )
  return new Map(rows.map((row) => [row.id, { parents: row.parents, time: row.created_at.getTime() }]))
}

/**
 * The version that two come from.
 * @throws DomainError NO_MERGE_BASE or SEVERAL_MERGE_BASES, when the caller must name one
 */
export async function findMergeBase(manager: EntityManager, one: string, other: string): Promise<string> {
  const bases = mergeBases(await readAncestors(manager, [one, other]), one, other)
  const [base, ...others] = bases
  if (base === undefined)
    throw new DomainError(
      'NO_MERGE_BASE',
      `dataset versions ${one} and ${other} have no common ancestor: name a version as baseId, or use mergeVersions`,
    )
  if (others.length > 0)
    throw new DomainError(
      'SEVERAL_MERGE_BASES',
      `dataset versions ${one} and ${other} have ${bases.length} nearest common ancestors: name one of them as baseId`,
      { baseIds: bases },
    )
  return base
}
