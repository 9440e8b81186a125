import type { Bus } from '@ymir/bus'
import { DomainError } from '@ymir/graphql'
import type { EntityManager } from 'typeorm'
import type { Dataset } from '../dataset/dataset.entity.ts'
import type { LabelBook } from '../label/label.ts'
import { readLabels } from '../label/label.store.ts'
import { ConflictsLeft } from '../merge/settle.ts'
import { BadAnnotation } from './labelled.ts'
import { MergeConflict } from './merge.ts'
import { lineageOf, parentsOf, perform, sourcesOf, type Work } from './operation.ts'
import type { Relabelling } from './relabel.ts'
import { StoredEntries } from './stored-entries.ts'
import { AssetsMissing } from './take.ts'
import type { DatasetVersion } from './version.entity.ts'
import { copyVersion, createVersion, readContent, readVersion, type VersionContent } from './version.store.ts'

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
  const given = { id, dataset, note, actorId }
  if (asked.operation === 'COPY') {
    const source = await readVersion(manager, asked.versionId)
    return copyVersion(manager, bus, { ...given, ...lineageOf(asked) }, source)
  }
  const labels = await readLabels(manager)
  const work = withLabelNames(asked, labels)
  const sources: VersionContent[] = []
  for (const source of sourcesOf(work)) sources.push(await readContent(manager, source))
  const parents = sources.slice(0, parentsOf(work).length)
  try {
    const sets = sources.map(({ serials }) => serials)
    const serials = await perform(work, sets, new StoredEntries(manager), labels)
    return await createVersion(manager, bus, { ...given, ...lineageOf(work), parents, serials })
  } catch (error) {
    throw asDomainError(error)
  }
}

/** Gives what names labels the labels' own names. */
export function withLabelNames(work: Work, book: LabelBook): Work {
  if (work.operation === 'SAMPLE' && 'perLabel' in work.amount)
    return { ...work, amount: { ...work.amount, labels: labelNames(work.amount.labels, book) } }
  if (work.operation === 'RELABEL') return { ...work, ...relabellingOf(work, book) }
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

/** @throws DomainError BAD_USER_INPUT for a name that is no label, or one that is to become two things */
function relabellingOf({ rename, drop }: Relabelling, book: LabelBook): Relabelling {
  const named = {
    rename: rename.map(({ from, to }) => ({ from: labelNames(from, book), to: labelNames([to], book)[0]! })),
    drop: labelNames(drop, book),
  }
  const old = [...named.rename.flatMap(({ from }) => from), ...named.drop]
  const twice = old.find((label, index) => old.indexOf(label) !== index)
  if (twice === undefined) return named
  throw new DomainError('BAD_USER_INPUT', `"${twice}" is named twice: rename or drop a label once`, {
    field: 'rename',
    found: twice,
  })
}

/** Says to the caller what is wrong with the work. */
export function asDomainError(error: unknown): unknown {
  if (error instanceof MergeConflict) {
    const { code, message, conflictCount, assetIds } = error
    return new DomainError(code, message, { conflictCount, assetIds })
  }
  if (error instanceof AssetsMissing) {
    const { code, message, missingCount, assetIds } = error
    return new DomainError(code, message, { missingCount, assetIds })
  }
  if (error instanceof ConflictsLeft) {
    const { code, message, keys } = error
    return new DomainError(code, message, { conflictIds: keys })
  }
  if (error instanceof BadAnnotation)
    return new DomainError(error.code, error.message, { assetId: error.assetId })
  return error
}
