import type { EntityManager } from 'typeorm'
import type { SerialSet } from '../page/serial-set.ts'
import { batchesOf } from './entry.store.ts'

const writtenAtOnce = 100_000
const readAtOnce = 2_000
let made = 0

/**
 * Runs a query over a set of serials of any size and hands out its rows some at a time. Call it in a transaction.
 * @param query makes the SQL from the name of a temporary table with one column, `serial`
 */
export async function* queryChosen<Row>(
  manager: EntityManager,
  serials: SerialSet,
  query: (chosen: string) => string,
): AsyncGenerator<Row> {
  const chosen = `chosen_${++made}`
  await manager.query(`create temporary table ${chosen} (serial bigint) on commit drop`)
  for (const some of batchesOf(serials, writtenAtOnce))
    await manager.query(`insert into ${chosen} select * from unnest($1::bigint[])`, [some])
  await manager.query(`analyze ${chosen}`)
  await manager.query(`declare rows_of_${chosen} no scroll cursor for ${query(chosen)}`)
  for (;;) {
    const rows = (await manager.query(`fetch ${readAtOnce} from rows_of_${chosen}`)) as Row[] // the query's columns
    if (rows.length === 0) break
    yield* rows
  }
  await manager.query(`close rows_of_${chosen}`)
  await manager.query(`drop table ${chosen}`)
}
