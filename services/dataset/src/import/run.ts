import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Blobs, readJsonLines } from '@ymir/blobs'
import type { EntityManager } from 'typeorm'
import { batchesOf, storeAssets, storeEntries } from '../asset/entry.store.ts'
import type { LabelBook } from '../label/label.ts'
import type { AcceptedItem } from './check.ts'
import { checkArchive } from './check.ts'
import { importLimits } from './limits.ts'
import type { ImportPolicy } from './policy.ts'
import { BadArchive } from './problem.ts'
import { type Report, ReportBuilder } from './report.ts'
import { Archive } from './zip/archive.ts'

export interface ImportWork {
  readonly path: string
  readonly labels: LabelBook
  readonly policy: ImportPolicy
  readonly blobs: Blobs
  /** Runs work in a transaction of its own. */
  readonly transaction: <T>(work: (manager: EntityManager) => Promise<T>) => Promise<T>
  readonly onProgress: (progress: number, assetCount: number) => void
  readonly signal: AbortSignal
}

export interface ImportOutcome {
  readonly report: Report
  /** Serials of the entries; absent when the import is refused, and then nothing is stored. */
  readonly serials?: number[]
  /** Why it is refused. */
  readonly refusal?: string
  /** Names that the annotations use, of which the workspace may not know all yet. */
  readonly labels: readonly string[]
}

const checkingShare = 0.7
const storedAtOnce = 500

/**
 * Imports an archive up to the point where a version can be made of it: first everything is checked and nothing stored,
 * then images and entries are stored. Both are named by content, so that doing it again changes nothing.
 */
export async function importArchive(work: ImportWork): Promise<ImportOutcome> {
  const report = new ReportBuilder(work.policy)
  const folder = await mkdtemp(join(tmpdir(), 'ymir-import-'))
  const spool = join(folder, 'accepted.jsonl')
  const archive = await Archive.open(work.path, importLimits)
  try {
    const labels = await spoolAccepted(archive, spool, report, work)
    const refusal = report.refusal()
    if (refusal !== undefined) return { report: report.build(), refusal, labels }
    return { report: report.build(), serials: await storeAccepted(archive, spool, report, work), labels }
  } catch (error) {
    if (!(error instanceof BadArchive)) throw error
    const problems = [{ ...error.problem, outcome: 'REFUSED' as const }]
    return { report: { ...report.build(), problems, problemCount: 1 }, refusal: error.message, labels: [] }
  } finally {
    await archive.close()
    await rm(folder, { recursive: true })
  }
}

/** Checks the archive and writes what can be imported to a file; gives the labels that it uses. */
async function spoolAccepted(
  archive: Archive,
  spool: string,
  report: ReportBuilder,
  { labels, policy, signal, onProgress }: ImportWork,
): Promise<string[]> {
  const used = new Set<string>()
  const items = checkArchive({
    archive,
    labels,
    policy,
    signal,
    report,
    limits: importLimits,
    onProgress: (progress) => onProgress(progress * checkingShare, 0),
  })
  const lines = async function* () {
    for await (const item of items) {
      for (const { label } of item.annotationSet.annotations) used.add(label)
      yield JSON.stringify(item) + '\n'
    }
  }
  await pipeline(lines, createWriteStream(spool))
  return [...used]
}

async function storeAccepted(
  archive: Archive,
  spool: string,
  { assetCount }: ReportBuilder,
  { blobs, transaction, signal, onProgress }: ImportWork,
): Promise<number[]> {
  const serials: number[] = []
  for await (const items of inBatches(readJsonLines<AcceptedItem>(createReadStream(spool)))) {
    signal.throwIfAborted()
    for (const { entry } of items) await blobs.put(await archive.read(entry, importLimits.imageBytes))
    const stored = await transaction(async (manager) => {
      await storeAssets(
        manager,
        items.map(({ asset }) => asset),
      )
      const entries = items.map(({ asset, annotationSet }) => ({ assetId: asset.id, annotationSet }))
      return storeEntries(manager, entries)
    })
    serials.push(...stored)
    onProgress(checkingShare + (1 - checkingShare) * (serials.length / assetCount), serials.length)
  }
  return serials
}

async function* inBatches(items: AsyncIterable<AcceptedItem>): AsyncGenerator<AcceptedItem[]> {
  let batch: AcceptedItem[] = []
  for await (const item of items) {
    batch.push(item)
    if (batch.length < storedAtOnce) continue
    yield batch
    batch = []
  }
  yield* batchesOf(batch, storedAtOnce)
}
