import type { Bus } from '@ymir/bus'
import { DomainError } from '@ymir/graphql'
import type { EntityManager } from 'typeorm'
import type { Dataset } from '../dataset/dataset.entity.ts'
import type { LabelBook } from '../label/label.ts'
import { readLabels } from '../label/label.store.ts'
import { BadAnnotation } from './labelled.ts'
import { MergeConflict } from './merge.ts'
import { lineageOf, parentsOf, perform, type Work } from './operation.ts'
import { StoredEntries } from './stored-entries.ts'
import { AssetsMissing } from './take.ts'
import type { DatasetVersion } from './version.entity.ts'
import { createVersion, readContent, type VersionContent } from './version.store.ts'

export interface MakeOptions {
  readonly bus: Bus
  /** Locked, see `openDataset`. */
  readonly dataset: Dataset
  readonly work: Work
  /** User; empty when the platform itself asks. */
  readonly actorId: string
  /** Chosen by the one who asks. */
  readonly id?: string
  readonly note?: string | null
}

/**
 * Does the work and stores its result as a version, in the caller's transaction.
 * @throws DomainError that says what is wrong with the work
 */
export async function makeVersion(
  manager: EntityManager,
  { bus, dataset, work: asked, actorId, id, note }: MakeOptions,
): Promise<DatasetVersion> {
  const labels = await readLabels(manager)
  const work = withLabelNames(asked, labels)
  const parents: VersionContent[] = []
  for (const parent of parentsOf(work)) parents.push(await readContent(manager, parent))
  try {
    const sets = parents.map(({ serials }) => serials)
    const serials = await perform(work, sets, new StoredEntries(manager), labels)
    return await createVersion(manager, bus, {
      id,
      dataset,
      note,
      parents,
      serials,
      actorId,
      ...lineageOf(work),
    })
  } catch (error) {
    throw asDomainError(error)
  }
}

/** Gives a filter the labels' own names. */
function withLabelNames(work: Work, book: LabelBook): Work {
  if (work.operation !== 'FILTER') return work
  return {
    ...work,
    labels: labelNames(work.labels, book),
    withoutLabels: labelNames(work.withoutLabels, book),
  }
}

/** @throws DomainError BAD_USER_INPUT for a name that is no label */
export function labelNames(names: readonly string[], book: LabelBook): string[] {
  return names.map((name) => {
    const label = book.resolve(name)
    if (label === undefined)
      throw new DomainError('BAD_USER_INPUT', `"${name}" is no label of the workspace`, {
        field: 'labels',
        found: name,
      })
    return label
  })
}

function asDomainError(error: unknown): unknown {
  if (error instanceof MergeConflict) {
    const { code, message, conflictCount, assetIds } = error
    return new DomainError(code, message, { conflictCount, assetIds })
  }
  if (error instanceof AssetsMissing) {
    const { code, message, missingCount, assetIds } = error
    return new DomainError(code, message, { missingCount, assetIds })
  }
  if (error instanceof BadAnnotation)
    return new DomainError(error.code, error.message, { assetId: error.assetId })
  return error
}
