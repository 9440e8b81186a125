import { DomainError } from '@ymir/graphql'
import type { EntityManager } from 'typeorm'
import { queryChosen } from '../asset/chosen.ts'
import { readResolutions } from '../merge/merge.store.ts'
import { readPages } from '../page/page.store.ts'
import { PredictionSet } from '../prediction/prediction-set.entity.ts'
import type { Amount, Part, Work } from './operation.ts'
import type { Relabelling } from './relabel.ts'
import type { MergeConflicts } from './merge.ts'
import type { DatasetVersion } from './version.entity.ts'

/**
 * The work that made a version, from what was recorded of it. What was recorded came from `lineageOf`, so it has the types of
 * the work.
 * @throws DomainError NOT_REPEATABLE when the result came from outside
 */
export async function recordedWork(
  manager: EntityManager,
  version: DatasetVersion,
  parentIds: readonly string[],
): Promise<Work> {
  const { operation, parameters } = version
  const versionId = parentIds[0] ?? ''
  const seed = version.seed ?? 0
  switch (operation) {
    case 'MERGE':
      return { operation, versionIds: parentIds, conflicts: parameters.conflicts as MergeConflicts }
    case 'EXCLUDE':
      return { operation, versionId, excludeVersionIds: parentIds.slice(1) }
    case 'FILTER':
      return { operation, versionId, ...(await recordedFilter(manager, version)) }
    case 'SAMPLE':
      return { operation, versionId, amount: parameters as unknown as Amount, seed }
    case 'SPLIT':
      return { operation, versionId, seed, ...(parameters as RecordedSplit) }
    case 'TAKE':
      return { operation, versionId, assetIds: await takenAssets(manager, version) }
    case 'RELABEL':
      return { operation, versionId, ...(parameters as unknown as Relabelling) }
    case 'COPY':
      return { operation, versionId }
    case 'MERGE_THREE_WAY': {
      const { baseId, mergeId } = parameters as { baseId: string; mergeId: string }
      const [oursId, theirsId] = parentIds as [string, string] // see parentsOf
      const resolutions = await readResolutions(manager, mergeId)
      return { operation, oursId, theirsId, baseId, mergeId, resolutions }
    }
    case 'IMPORT':
      throw notRepeatable(version, 'it was imported: import the same archive again')
    case 'LABELLED':
      throw notRepeatable(version, 'it holds what people or a model labelled: start a labelling task again')
  }
}

/** Versions made before filters knew more than labels have no `filter`. */
type RecordedFilter = Pick<Work & { readonly operation: 'FILTER' }, 'labels' | 'withoutLabels' | 'filter'>

async function recordedFilter(manager: EntityManager, version: DatasetVersion): Promise<RecordedFilter> {
  const recorded = version.parameters as unknown as RecordedFilter // see lineageOf
  const setId = recorded.filter?.predictions?.setId
  if (setId && !(await manager.existsBy(PredictionSet, { id: setId })))
    throw notRepeatable(
      version,
      `it was filtered by the predictions of set ${setId}, and newer ones have taken their place or they were deleted: filter by a set that is there`,
    )
  return recorded
}

type RecordedSplit =
  | { readonly fraction: number; readonly part: 'FIRST' | 'SECOND' }
  | { readonly parts: readonly Part[]; readonly stratified: boolean; readonly part: number }

function notRepeatable({ id, operation }: DatasetVersion, why: string): DomainError {
  return new DomainError('NOT_REPEATABLE', `dataset version ${id} cannot be made again: ${why}`, {
    versionId: id,
    operation,
  })
}

/** A long list is not recorded: the version holds what was taken, and nothing else. */
async function takenAssets(manager: EntityManager, { id, parameters }: DatasetVersion): Promise<string[]> {
  if (Array.isArray(parameters.assetIds)) return parameters.assetIds as string[] // see lineageOf
  const { serials } = await readPages(manager, id)
  const assetIds: string[] = []
  const rows = queryChosen<{ id: string }>(
    manager,
    serials,
    (chosen) => `select encode(asset_id, 'hex') as id from ${chosen} join entries using (serial)`,
  )
  for await (const row of rows) assetIds.push(row.id)
  return assetIds
}
