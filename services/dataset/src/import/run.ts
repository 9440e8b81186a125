import { stat } from 'node:fs/promises'
import { type BlobRef, type Blobs, writeJsonLines } from '@ymir/blobs'
import { isPublicAddress } from '@ymir/service'
import { In, type EntityManager } from 'typeorm'
import type { FormatName } from '../format/format.ts'
import { Label } from '../label/label.entity.ts'
import { type WrittenPredictions, writePredictions } from '../prediction/prediction.store.ts'
import { type Advance, AdvanceMeter } from './advance.ts'
import {
  readPredictions,
  readProblems,
  readProgress,
  readSeen,
  readSerials,
  storeBatch,
} from './batch.store.ts'
import type { Checkpoint } from './batch.ts'
import { download, downloadLimits } from './download.ts'
import { Import } from './import.entity.ts'
import { checkInWorker } from './in-worker.ts'
import { BadArchive, type ImportProblem } from './problem.ts'
import { nothingFound, problemsKept, refusalOf, type Report } from './report.ts'
import type { ImportSettings } from './settings.ts'

export interface ImportWork {
  readonly row: Import
  readonly manager: EntityManager
  readonly blobs: Blobs
  readonly uploads: string
  readonly settings: ImportSettings
  readonly onAdvance: (advance: Advance) => void
  readonly signal: AbortSignal
}

export type ImportOutcome =
  | { readonly report: Report; readonly refusal: string }
  | {
      readonly report: Report
      readonly serials: readonly number[]
      /** Names that the annotations use, of which the workspace may not know all yet. */
      readonly labels: readonly string[]
      readonly predictions?: WrittenPredictions
    }

/**
 * Imports files up to the point where a version can be made of them. Goes on behind the last batch that an earlier run has
 * stored; everything is named by content, so that doing it again changes nothing.
 */
export async function importFiles(work: ImportWork): Promise<ImportOutcome> {
  const meter = new AdvanceMeter(work.row.advance)
  try {
    const path = await fetchSource(work, meter)
    const { format, checkpoint } = await storeBatches(path, work, meter)
    work.onAdvance(meter.completing())
    return await outcomeOf(format, checkpoint, work)
  } catch (error) {
    if (!(error instanceof BadArchive)) throw error
    const problems = [{ ...error.problem, outcome: 'REFUSED' as const }]
    const { refusedFor: _, ...counts } = nothingFound
    return { report: { ...counts, problems, problemCount: 1 }, refusal: error.message }
  }
}

/** Where the files are on this machine; fetches them when they are elsewhere. */
async function fetchSource(work: ImportWork, meter: AdvanceMeter): Promise<string> {
  const { row, uploads, settings, signal, onAdvance } = work
  const { source } = row
  switch (source.kind) {
    case 'UPLOAD':
      return `${uploads}/${source.uploadId}`
    case 'PATH':
      return source.path
    case 'URL': {
      const path = downloadPath(settings, row.id)
      const isThere = await stat(path).catch(() => undefined) // from before a crash; only whole files get this name
      if (!isThere)
        await download(source.url, path, {
          limits: downloadLimits,
          mayReach: settings.allowPrivateUrls ? () => true : isPublicAddress,
          signal,
          onProgress: (bytes, total) => onAdvance(meter.fetched(bytes, total)),
        })
      return path
    }
    case 'VERSION':
      throw new Error('a version is copied, not read')
  }
}

export function downloadPath({ downloads }: ImportSettings, importId: string): string {
  return `${downloads}/${importId}`
}

async function storeBatches(
  path: string,
  { row, manager, settings, signal, onAdvance }: ImportWork,
  meter: AdvanceMeter,
): Promise<{ format: FormatName | undefined; checkpoint: Checkpoint | undefined }> {
  let { next, checkpoint } = await readProgress(manager, row.id)
  let format: FormatName | undefined
  const news = checkInWorker(
    {
      kind: 'check',
      path,
      scratch: settings.downloads,
      importId: row.id,
      policy: row.policy,
      ...(row.format ? { format: row.format } : {}),
      labels: await manager.find(Label, { select: { name: true, aliases: true } }),
      blobs: settings.blobFolder,
      ...(checkpoint ? { from: checkpoint } : {}),
      seen: await readSeen(manager, row.id),
      batchImages: settings.batchImages,
    },
    signal,
  )
  for await (const one of news) {
    onAdvance(meter.heard(one))
    if (one.kind === 'detected') format = one.format
    if (one.kind !== 'batch') continue
    await manager.transaction(async (transaction) => {
      await requireUnfinished(transaction, row.id, signal)
      await storeBatch(transaction, row.id, next, one.batch)
    })
    next++
    checkpoint = one.batch.checkpoint
  }
  return { format, checkpoint }
}

/** Locks the import, so that it is not cancelled while a batch of it is stored. */
async function requireUnfinished(manager: EntityManager, id: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const found = await manager.findOne(Import, {
    select: { id: true },
    where: { id, state: In(['RUNNING']) },
    lock: { mode: 'pessimistic_read' },
  })
  if (!found) throw new ImportEnded()
}

/** Somebody has ended the import meanwhile. */
export class ImportEnded extends Error {}

async function outcomeOf(
  format: FormatName | undefined,
  checkpoint: Checkpoint | undefined,
  { row, manager, blobs }: ImportWork,
): Promise<ImportOutcome> {
  const counts = checkpoint?.counts ?? nothingFound
  const { refusedFor: _, ...kept } = counts
  const report: Report = {
    ...kept,
    ...(format ? { format } : {}),
    ...(await writeProblems(manager, blobs, row.id)),
  }
  const refusal = refusalOf(counts, row.policy)
  if (refusal !== undefined) return { report, refusal }
  const serials = await readSerials(manager, row.id)
  const labels = checkpoint?.labels ?? []
  if (counts.predictionCount === 0) return { report, serials, labels }
  const predictions = await writePredictions(blobs, readPredictions(manager, row.id))
  return { report, serials, labels, predictions }
}

/** All problems go into a blob, the first also into the import's row. */
async function writeProblems(
  manager: EntityManager,
  blobs: Blobs,
  importId: string,
): Promise<{ problems: ImportProblem[]; problemsBlob?: BlobRef }> {
  const problems: ImportProblem[] = []
  const all = async function* () {
    for await (const problem of readProblems(manager, importId)) {
      if (problems.length < problemsKept) problems.push(problem)
      yield problem
    }
  }
  const problemsBlob = await writeJsonLines(blobs, all())
  return problems.length ? { problems, problemsBlob } : { problems }
}
