import type { EntityManager } from 'typeorm'
import { type Bits, noBits, pageLength, setBit } from './bits.ts'
import { SerialSet } from './serial-set.ts'

/**
 * The serials that a query finds, however many: they come as places by page, as short as can be.
 * @param query gives one column, `serial`
 */
export async function readPlaces(
  manager: EntityManager,
  query: string,
  parameters: readonly unknown[],
): Promise<SerialSet> {
  const rows: { number: number; places: Buffer }[] = await manager.query(
    `select (serial / ${pageLength})::integer as number,
            string_agg(int4send((serial % ${pageLength})::integer), '') as places
       from (${query}) found group by 1`,
    [...parameters],
  )
  const pages = new Map<number, Bits>()
  for (const { number, places } of rows) {
    const bits = noBits()
    for (let at = 0; at < places.length; at += 4) setBit(bits, places.readInt32BE(at))
    pages.set(number, bits)
  }
  return new SerialSet(pages)
}
