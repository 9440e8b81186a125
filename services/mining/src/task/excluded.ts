import { type Blobs, readJsonLines } from '@ymir/blobs'
import type { GraphClient } from '@ymir/graphql'
import type { EntityManager } from 'typeorm'
import { CannotChoose } from './cannot-choose.ts'
import type { MiningTaskRow } from './mining-task.entity.ts'

/** Assets that are not taken, by a version that has them. */
export interface Excluded {
  readonly versionId: string
  readonly assetIds: readonly string[]
}

const manifestQuery = /* GraphQL */ `
  query ManifestToExclude($versionId: ID!) {
    datasetVersion(id: $versionId) {
      manifest {
        sha256
      }
    }
  }
`

/**
 * What the task must not take: the assets of its excluded versions, and what was mined before in the project.
 * @throws CannotChoose when a version is gone
 */
export async function readExcluded(
  { excludedVersionIds, excludeMined, projectId }: MiningTaskRow,
  { graph, blobs, manager }: { graph: GraphClient; blobs: Blobs; manager: EntityManager },
): Promise<Excluded[]> {
  const excluded: Excluded[] = []
  for (const versionId of excludedVersionIds) {
    const { datasetVersion } = await graph.query<{
      datasetVersion: { manifest: { sha256: string } } | null
    }>(manifestQuery, { versionId })
    if (!datasetVersion)
      throw new CannotChoose(`there is no dataset version ${versionId} to exclude any more: mine without it`)
    const assetIds: string[] = []
    const lines = readJsonLines<{ assetId: string }>(blobs.read(datasetVersion.manifest.sha256))
    for await (const { assetId } of lines) assetIds.push(assetId)
    excluded.push({ versionId, assetIds })
  }
  return excludeMined ? [...excluded, ...(await readMined(manager, projectId))] : excluded
}

async function readMined(manager: EntityManager, projectId: string): Promise<Excluded[]> {
  const rows: { version_id: string; asset_ids: string[] }[] = await manager.query(
    `select result_version_id as version_id, array_agg(asset_id) as asset_ids
       from mining_task join mined_asset on mining_task_id = id
      where project_id = $1 and state = 'SUCCEEDED'
      group by result_version_id`,
    [projectId],
  )
  return rows.map((row) => ({ versionId: row.version_id, assetIds: row.asset_ids }))
}
