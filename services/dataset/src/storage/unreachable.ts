import type { EntityManager } from 'typeorm'
import { queryChosen } from '../asset/chosen.ts'
import { batchesOf } from '../asset/entry.store.ts'
import { decodeBits } from '../page/encoding.ts'
import { SerialSet } from '../page/serial-set.ts'

/** Bytes that no version needs. */
export interface Unreachable {
  readonly sha256: string
  readonly kind: 'IMAGE' | 'MANIFEST'
  /** Bytes. */
  readonly size: number
  /** When it was first found so. */
  readonly since: Date
}

const markedAtOnce = 10_000

/** Brings the list of unreachable blobs up to date; those that were on it keep their time. Call it in a transaction. */
export async function markUnreachable(manager: EntityManager): Promise<void> {
  await manager.query(
    `create temporary table unreachable_images (id bytea primary key, size bigint) on commit drop`,
  )
  const images = queryChosen<{ id: Buffer; size: string }>(
    manager,
    await entriesOfNoVersion(manager),
    // only those of whose entries none is in a version
    (chosen) =>
      `select assets.id, assets.size from ${chosen} join entries using (serial) join assets on assets.id = asset_id
        where collected_at is null group by assets.id
       having count(*) = (select count(*) from entries as every where every.asset_id = assets.id)`,
  )
  for await (const some of inBatches(images))
    await manager.query(`insert into unreachable_images select * from unnest($1::bytea[], $2::bigint[])`, [
      some.map(({ id }) => id),
      some.map(({ size }) => size),
    ])
  await manager.query(`
    delete from unreachable_blobs where
      kind = 'IMAGE' and sha256 not in (select id from unreachable_images)
      or kind = 'MANIFEST' and encode(sha256, 'hex') in
        (select manifest_sha256 from dataset_versions where manifest_sha256 is not null)`)
  await manager.query(`
    insert into unreachable_blobs (sha256, kind, size, since) select id, 'IMAGE', size, now() from unreachable_images
    on conflict do nothing`)
}

/** Manifests of versions that are about to be deleted. */
export async function markManifests(manager: EntityManager, versionIds: readonly string[]): Promise<void> {
  await manager.query(
    `insert into unreachable_blobs (sha256, kind, size, since)
     select distinct decode(manifest_sha256, 'hex'), 'MANIFEST', manifest_size, now() from dataset_versions
      where id = any($1::uuid[]) and manifest_sha256 is not null
     on conflict do nothing`,
    [versionIds],
  )
}

/**
 * Deletes pages that no version has. First it locks them, passing over those that a version wants at this moment (see
 * `holdByHash`); then it looks again, for a version may have got one between the look and the lock. Call it in a transaction.
 */
export async function deletePages(manager: EntityManager): Promise<number> {
  const locked: { hash: Buffer }[] = await manager.query(
    `select hash from pages where not exists (select from version_pages where page_hash = hash)
        for update skip locked`,
  )
  const [, count]: [unknown, number] = await manager.query(
    `delete from pages where hash = any($1::bytea[]) and not exists (select from version_pages where page_hash = hash)`,
    [locked.map(({ hash }) => hash)],
  )
  return count
}

export async function countPages(manager: EntityManager): Promise<number> {
  const [{ count }]: [{ count: string }] = await manager.query(
    `select count(*) from pages where not exists (select from version_pages where page_hash = hash)`,
  )
  return Number(count)
}

async function entriesOfNoVersion(manager: EntityManager): Promise<SerialSet> {
  const [{ next }]: [{ next: string }] = await manager.query(
    'select coalesce(max(serial) + 1, 0) as next from entries',
  )
  let reachable = SerialSet.empty
  const numbers: { number: number }[] = await manager.query(
    'select distinct page_number as number from version_pages',
  )
  for (const { number } of numbers) {
    const pages: { bits: Buffer }[] = await manager.query(
      `select bits from pages where number = $1 and exists (select from version_pages where page_hash = hash)`,
      [number],
    )
    for (const { bits } of pages)
      reachable = reachable.union(new SerialSet(new Map([[number, decodeBits(bits)]])))
  }
  return SerialSet.of(serialsBelow(Number(next))).minus(reachable)
}

function* serialsBelow(next: number): Generator<number> {
  for (let serial = 0; serial < next; serial++) yield serial
}

async function* inBatches<Row>(rows: AsyncIterable<Row>): AsyncGenerator<Row[]> {
  let batch: Row[] = []
  for await (const row of rows) {
    batch.push(row)
    if (batch.length < markedAtOnce) continue
    yield batch
    batch = []
  }
  yield* batchesOf(batch, markedAtOnce)
}
