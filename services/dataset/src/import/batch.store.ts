import type { EntityManager } from 'typeorm'
import { storeAssets, storeEntries } from '../asset/entry.store.ts'
import type { Batch, Checkpoint, FoundPrediction, SeenAsset } from './batch.ts'
import type { ImportProblem } from './problem.ts'

const longestName = 500

/** Where an import has come to; undefined before its first batch. */
export interface StoredProgress {
  /** Number of the next batch. */
  readonly next: number
  readonly checkpoint?: Checkpoint
}

/**
 * Stores a batch with the checkpoint behind it, in the caller's transaction: after a crash the import goes on behind the
 * last batch that is there.
 */
export async function storeBatch(
  manager: EntityManager,
  importId: string,
  number: number,
  { items, problems, checkpoint }: Batch,
): Promise<void> {
  const names = items.map(({ name }) => name.slice(-longestName)) // an index holds no longer ones
  await storeAssets(
    manager,
    items.map(({ asset }) => asset),
  )
  await storeNames(
    manager,
    items.map(({ asset }) => asset.id),
    names,
  )
  const serials = await storeEntries(
    manager,
    items.map(({ asset, annotationSet }) => ({ assetId: asset.id, annotationSet })),
  )
  const predictions = items
    .filter((item) => item.predictions.length > 0)
    .map(({ asset, predictions }): AssetPredictions => ({ assetId: asset.id, predictions }))
  await manager.query(
    `insert into import_batches (import_id, number, serials, names, problems, predictions, checkpoint)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      importId,
      number,
      serials,
      names,
      ...[problems, predictions, checkpoint].map((one) => JSON.stringify(one)),
    ],
  )
}

async function storeNames(manager: EntityManager, assetIds: string[], names: string[]): Promise<void> {
  await manager.query(
    `insert into asset_names (asset_id, name)
     select decode(id, 'hex'), name from unnest($1::text[], $2::text[]) as n (id, name)
     order by id, name
     on conflict do nothing`,
    [assetIds, names],
  )
}

export async function readProgress(manager: EntityManager, importId: string): Promise<StoredProgress> {
  const [last]: { number: number; checkpoint: Checkpoint }[] = await manager.query(
    'select number, checkpoint from import_batches where import_id = $1 order by number desc limit 1',
    [importId],
  )
  return last ? { next: last.number + 1, checkpoint: last.checkpoint } : { next: 0 }
}

/** The assets that an import has stored so far. */
export function readSeen(manager: EntityManager, importId: string): Promise<SeenAsset[]> {
  return manager.query(
    `select encode(asset_id, 'hex') as "assetId", encode(annotation_set, 'hex') as "set", name
       from import_batches, unnest(serials, names) as item (stored, name) join entries on serial = stored
      where import_id = $1`,
    [importId],
  )
}

/** All serials that an import has stored. */
export async function readSerials(manager: EntityManager, importId: string): Promise<number[]> {
  const rows: { serial: number }[] = await manager.query(
    'select unnest(serials)::float8 as serial from import_batches where import_id = $1',
    [importId],
  )
  return rows.map(({ serial }) => serial)
}

export interface AssetPredictions {
  readonly assetId: string
  readonly predictions: readonly FoundPrediction[]
}

/** Everything that an import has found wrong, in order, a batch at a time. */
export function readProblems(manager: EntityManager, importId: string): AsyncGenerator<ImportProblem> {
  return readColumn(manager, importId, 'problems')
}

export function readPredictions(manager: EntityManager, importId: string): AsyncGenerator<AssetPredictions> {
  return readColumn(manager, importId, 'predictions')
}

async function* readColumn<Value>(
  manager: EntityManager,
  importId: string,
  column: 'problems' | 'predictions',
): AsyncGenerator<Value> {
  const numbers: { number: number }[] = await manager.query(
    `select number from import_batches where import_id = $1 and json_array_length(${column}) > 0 order by number`,
    [importId],
  )
  for (const { number } of numbers) {
    const [row]: { values: Value[] }[] = await manager.query(
      `select ${column} as values from import_batches where import_id = $1 and number = $2`,
      [importId, number],
    )
    yield* row?.values ?? []
  }
}

export async function dropBatches(manager: EntityManager, importId: string): Promise<void> {
  await manager.query('delete from import_batches where import_id = $1', [importId])
}
