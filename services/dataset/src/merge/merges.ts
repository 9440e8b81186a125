import { randomUUID } from 'node:crypto'
import type { Bus } from '@ymir/bus'
import type { EntityManager } from 'typeorm'
import type { Dataset } from '../dataset/dataset.entity.ts'
import { openDataset } from '../dataset/dataset.store.ts'
import { makeVersion } from '../version/make.ts'
import type { Work } from '../version/operation.ts'
import { StoredEntries } from '../version/stored-entries.ts'
import { readContent } from '../version/version.store.ts'
import { Merge } from './merge.entity.ts'
import { readResolutions, storeConflicts } from './merge.store.ts'
import { mergeThreeWay } from './three-way.ts'

export interface NewMerge {
  readonly bus: Bus
  /** Gets the version; locked, see `openDataset`. */
  readonly dataset: Dataset
  readonly oursId: string
  readonly theirsId: string
  readonly baseId: string
  readonly note: string | null
  readonly actorId: string
}

/** Begins a merge. Without conflicts it becomes a version at once; otherwise it waits for people to settle them. */
export async function beginMerge(
  manager: EntityManager,
  { bus, dataset, ...asked }: NewMerge,
): Promise<Merge> {
  const { actorId, ...wanted } = asked
  const merge = manager.create(Merge, {
    ...wanted,
    id: randomUUID(),
    projectId: dataset.projectId,
    datasetId: dataset.id,
    state: 'OPEN',
    versionId: null,
    createdAt: new Date(),
    createdById: actorId,
    finishedAt: null,
  })
  await manager.insert(Merge, merge)
  return (await recordConflicts(manager, merge)) > 0 ? merge : completeMerge(manager, bus, merge, actorId)
}

/**
 * Makes the version of a merge whose conflicts are all settled.
 * @throws DomainError MERGE_CONFLICT when some are not
 */
export async function completeMerge(
  manager: EntityManager,
  bus: Bus,
  merge: Merge,
  actorId: string,
): Promise<Merge> {
  const { id, oursId, theirsId, baseId, projectId, datasetId, note } = merge
  const resolutions = await readResolutions(manager, id)
  const work: Work = { operation: 'MERGE_THREE_WAY', oursId, theirsId, baseId, mergeId: id, resolutions }
  const dataset = await openDataset(manager, projectId, { datasetId })
  const version = await makeVersion(manager, { bus, dataset, work, note, actorId })
  return manager.save(Merge, { ...merge, state: 'MERGED', versionId: version.id, finishedAt: new Date() })
}

async function recordConflicts(manager: EntityManager, merge: Merge): Promise<number> {
  const base = (await readContent(manager, merge.baseId)).serials
  const ours = (await readContent(manager, merge.oursId)).serials
  const theirs = (await readContent(manager, merge.theirsId)).serials
  let count = 0
  await mergeThreeWay({ base, ours, theirs }, new StoredEntries(manager), async (assets) => {
    const conflicts = assets.flatMap((asset) => asset.conflicts)
    count += conflicts.length
    await storeConflicts(manager, merge.id, conflicts)
    return assets.map(() => null) // only looking: the version is made when all are settled
  })
  return count
}
