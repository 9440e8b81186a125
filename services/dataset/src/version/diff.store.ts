import type { EntityManager } from 'typeorm'
import { decodeBits } from '../page/encoding.ts'
import { SerialSet } from '../page/serial-set.ts'

/** What two versions hold in the pages in which they differ. */
export interface PagesApart {
  readonly from: SerialSet
  readonly to: SerialSet
}

/** Pages with equal hashes are not read. */
export async function readPagesApart(
  manager: EntityManager,
  fromId: string,
  toId: string,
): Promise<PagesApart> {
  const read = async (id: string, otherId: string) => {
    const rows: { number: number; bits: Buffer }[] = await manager.query(
      `select number, bits from version_pages join pages on hash = page_hash
        where version_id = $1 and page_hash not in (select page_hash from version_pages where version_id = $2)`,
      [id, otherId],
    )
    return new SerialSet(new Map(rows.map(({ number, bits }) => [number, decodeBits(bits)])))
  }
  return { from: await read(fromId, toId), to: await read(toId, fromId) }
}
