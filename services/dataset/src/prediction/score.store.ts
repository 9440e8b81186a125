import { type Blobs, readJsonLines } from '@ymir/blobs'
import type { EntityManager } from 'typeorm'
import { batchesOf } from '../asset/entry.store.ts'
import { BoundedCache } from '../page/bounded-cache.ts'
import { pageLength } from '../page/bits.ts'
import { readPlaces } from '../page/places.ts'
import type { SerialSet } from '../page/serial-set.ts'
import type { PredictionFilter } from './prediction-filter.ts'
import type { PredictionSet } from './prediction-set.entity.ts'
import type { AssetPredictions } from './prediction.store.ts'

const linesAtOnce = 10_000

/** A set never changes, and neither does which entries an asset has until another one is added. */
const found = new BoundedCache<SerialSet>(32 * 2 ** 20)

/** Entries of the assets that a filter lets through: one pass over the set's lines, the first time. */
export async function entriesPredicted(manager: EntityManager, filter: PredictionFilter): Promise<SerialSet> {
  const [{ last }]: [{ last: string | null }] = await manager.query('select max(serial) as last from entries')
  const name = JSON.stringify([filter, last])
  const known = found.get(name)
  if (known) return known
  const { setId, labels = [], minScore, maxScore, atLeast = 1 } = filter
  const entries = await readPlaces(
    manager,
    `select serial from prediction_lines join entries using (asset_id)
      where set_id = $1
        and (select count(*) from unnest(labels, scores) as p (label, score)
              where (cardinality($2::text[]) = 0 or label = any($2::text[]))
                and score >= coalesce($3::float8, '-infinity') and score <= coalesce($4::float8, 'infinity')) >= $5`,
    [setId, labels, minScore ?? null, maxScore ?? null, atLeast],
  )
  found.set(name, entries, entries.pageNumbers.length * (pageLength / 8))
  return entries
}

/** Labels and scores of a set that was stored before they were kept, from its bytes. */
export async function completeScores(
  manager: EntityManager,
  blobs: Blobs,
  { id, blobSha256 }: PredictionSet,
): Promise<void> {
  const unscored: unknown[] = await manager.query(
    'select from prediction_lines where set_id = $1 and scores is null limit 1',
    [id],
  )
  if (unscored.length === 0) return
  let some: AssetPredictions[] = []
  for await (const line of readJsonLines<AssetPredictions>(blobs.read(blobSha256))) {
    some.push(line)
    if (some.length < linesAtOnce) continue
    await storeScores(manager, id, some)
    some = []
  }
  for (const rest of batchesOf(some, linesAtOnce)) await storeScores(manager, id, rest)
}

async function storeScores(
  manager: EntityManager,
  setId: string,
  lines: readonly AssetPredictions[],
): Promise<void> {
  await manager.query(
    `update prediction_lines
        set labels = array(select jsonb_array_elements_text(l.labels)), scores = l.scores::float8[]
       from unnest($2::text[], $3::jsonb[], $4::text[]) as l (asset, labels, scores)
      where set_id = $1 and asset_id = decode(asset, 'hex')`,
    [
      setId,
      lines.map(({ assetId }) => assetId),
      lines.map(({ predictions }) => JSON.stringify(predictions.map(({ label }) => label))),
      lines.map(({ predictions }) => `{${predictions.map(({ score }) => score).join(',')}}`),
    ],
  )
}
