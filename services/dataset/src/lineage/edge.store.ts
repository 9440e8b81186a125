import type { EntityManager } from 'typeorm'
import { isUuid } from '../version/version.store.ts'
import type { Edge, EdgeRole, NodeKind, NodeRef } from './edge.ts'

/** Records edges; those known change nothing. Ones whose ends are no ids, as of a thing that was not made yet, are left out. */
export async function recordEdges(
  manager: EntityManager,
  projectId: string,
  edges: readonly Omit<Edge, 'projectId'>[],
): Promise<void> {
  const known = edges.filter(({ from, to }) => [projectId, from.id, to.id].every(isUuid))
  if (known.length === 0) return
  await manager.query(
    `insert into lineage_edges (from_kind, from_id, to_kind, to_id, role, project_id)
     select *, $6 from unnest($1::text[], $2::uuid[], $3::text[], $4::uuid[], $5::text[]) on conflict do nothing`,
    [
      known.map(({ from }) => from.kind),
      known.map(({ from }) => from.id),
      known.map(({ to }) => to.kind),
      known.map(({ to }) => to.id),
      known.map(({ role }) => role),
      projectId,
    ],
  )
}

interface EdgeRow {
  readonly from_kind: NodeKind
  readonly from_id: string
  readonly to_kind: NodeKind
  readonly to_id: string
  readonly role: EdgeRole
  readonly project_id: string | null
}

const allEdges = `
  (select 'VERSION' as from_kind, parent_id as from_id, 'VERSION' as to_kind, version_id as to_id, 'PARENT' as role,
          null::uuid as project_id
     from version_parents
    union all
   select from_kind, from_id, to_kind, to_id, role, project_id from lineage_edges) edges`

/** Edges that lead into the nodes (UP) or out of them (DOWN). */
export async function readEdges(
  manager: EntityManager,
  nodes: readonly NodeRef[],
  direction: 'UP' | 'DOWN',
  limit: number,
): Promise<Edge[]> {
  const end = direction === 'UP' ? 'to' : 'from'
  const rows: EdgeRow[] = await manager.query(
    `select edges.* from unnest($1::text[], $2::uuid[]) as nodes (kind, id)
       join ${allEdges} on ${end}_kind = nodes.kind and ${end}_id = nodes.id
      order by from_kind, from_id, to_kind, to_id limit $3`,
    [nodes.map(({ kind }) => kind), nodes.map(({ id }) => id), limit],
  )
  return rows.map((row) => ({
    from: { kind: row.from_kind, id: row.from_id },
    to: { kind: row.to_kind, id: row.to_id },
    role: row.role,
    projectId: row.project_id,
  }))
}
