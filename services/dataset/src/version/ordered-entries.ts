import type { DataSource } from 'typeorm'
import { queryChosen } from '../asset/chosen.ts'
import type { AssetEntry } from '../asset/entry.store.ts'
import type { SerialSet } from '../page/serial-set.ts'

type Row = Omit<AssetEntry, 'serial' | 'size'> & { serial: string; size: string }

/**
 * A version's entries ordered by asset id: the one order that does not depend on when things were stored. PostgreSQL sorts
 * (on disk when it must) and hands out some at a time.
 */
export async function* entriesByAsset(database: DataSource, serials: SerialSet): AsyncGenerator<AssetEntry> {
  const runner = database.createQueryRunner()
  try {
    await runner.startTransaction()
    const rows = queryChosen<Row>(
      runner.manager,
      serials,
      (chosen) =>
        `select serial, encode(asset_id, 'hex') as id, format, width, height, size, annotations, tags, metadata
           from ${chosen} join entries using (serial)
           join assets on assets.id = asset_id join annotation_sets on hash = annotation_set
          order by asset_id`,
    )
    for await (const row of rows) yield { ...row, serial: Number(row.serial), size: Number(row.size) }
  } finally {
    if (runner.isTransactionActive) await runner.rollbackTransaction()
    await runner.release()
  }
}
