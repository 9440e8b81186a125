import type { EntityManager } from 'typeorm'
import type { Annotation, AnnotationSet, ImageFacts } from '../annotation/annotation.ts'
import { MarkedSerials } from '../index/mark.ts'
import { addToMarks, revisePages } from '../index/mark.store.ts'
import { measuresOf } from '../index/measure.ts'
import { pageOf } from '../page/serial-set.ts'
import type { ImageFormat } from '@ymir/images'

/** An image in the store. */
export interface Asset {
  /** SHA-256 of its bytes, hexadecimal. */
  readonly id: string
  readonly format: ImageFormat
  readonly width: number
  readonly height: number
  /** Bytes. */
  readonly size: number
}

/** An asset with its ground truth in some version. */
export interface AssetEntry extends Asset, ImageFacts {
  readonly serial: number
  readonly annotations: readonly Annotation[]
}

/** The mark of entries whose asset has other entries as well: only they can be in conflict. */
export const severalMark = 'several'

export async function storeAssets(manager: EntityManager, assets: readonly Asset[]): Promise<void> {
  await manager.query(
    `insert into assets (id, format, width, height, size)
     select decode(id, 'hex'), format, width, height, size
       from unnest($1::text[], $2::text[], $3::integer[], $4::integer[], $5::bigint[]) as a (id, format, width, height, size)
     order by id
     on conflict (id) do update set collected_at = null where assets.collected_at is not null`,
    [
      assets.map(({ id }) => id),
      assets.map(({ format }) => format),
      assets.map(({ width }) => width),
      assets.map(({ height }) => height),
      assets.map(({ size }) => size),
    ],
  )
}

/**
 * Stores pairs of an asset (stored already) and its ground truth, each pair once in the workspace, and gives their serials
 * in the order of the pairs. Holds a lock until the transaction ends, because serials must have no gaps.
 */
export async function storeEntries(
  manager: EntityManager,
  entries: readonly { readonly assetId: string; readonly annotationSet: AnnotationSet }[],
): Promise<number[]> {
  if (entries.length === 0) return []
  await manager.query(`select pg_advisory_xact_lock(hashtext('entries of ' || current_schema()))`)
  await storeAnnotationSets(
    manager,
    entries.map(({ annotationSet }) => annotationSet),
  )
  const known = await entriesOfAssets(
    manager,
    entries.map(({ assetId }) => assetId),
  )
  const serials = new Map(known.map((entry) => [`${entry.assetId} ${entry.annotationSet}`, entry.serial]))
  const [{ next }]: [{ next: string }] = await manager.query(
    'select coalesce(max(serial) + 1, 0) as next from entries',
  )
  const added: Added[] = []
  for (const { assetId, annotationSet } of entries) {
    const pair = `${assetId} ${annotationSet.hash}`
    if (serials.has(pair)) continue
    const serial = Number(next) + added.length
    serials.set(pair, serial)
    added.push({ serial, assetId, annotationSet })
  }
  await manager.query(
    `insert into entries (serial, asset_id, annotation_set)
     select serial, decode(asset, 'hex'), decode(hash, 'hex')
       from unnest($1::bigint[], $2::text[], $3::text[]) as e (serial, asset, hash)`,
    [
      added.map(({ serial }) => serial),
      added.map(({ assetId }) => assetId),
      added.map(({ annotationSet }) => annotationSet.hash),
    ],
  )
  await markEntries(manager, added, known)
  return entries.map(({ assetId, annotationSet }) => serials.get(`${assetId} ${annotationSet.hash}`)!)
}

interface Added {
  readonly serial: number
  readonly assetId: string
  readonly annotationSet: AnnotationSet
}

interface EntryKey {
  readonly serial: number
  readonly assetId: string
  readonly annotationSet: string
}

/** Every entry of the given assets, in whatever versions they are. */
export async function entriesOfAssets(
  manager: EntityManager,
  assetIds: readonly string[],
): Promise<EntryKey[]> {
  const rows: { serial: string; asset_id: Buffer; annotation_set: Buffer }[] = await manager.query(
    `select serial, asset_id, annotation_set from entries
      where asset_id in (select decode(id, 'hex') from unnest($1::text[]) as a (id))`,
    [[...new Set(assetIds)]],
  )
  return rows.map((row) => ({
    serial: Number(row.serial),
    assetId: row.asset_id.toString('hex'),
    annotationSet: row.annotation_set.toString('hex'),
  }))
}

/** Entries with their annotations, by serial; at most a few thousand at a time. */
export async function readEntries(manager: EntityManager, serials: readonly number[]): Promise<AssetEntry[]> {
  const rows: (Omit<AssetEntry, 'serial' | 'id' | 'size'> & { serial: string; id: string; size: string })[] =
    await manager.query(
      `select serial, encode(asset_id, 'hex') as id, format, width, height, size, annotations, tags, metadata
         from entries join assets on assets.id = asset_id join annotation_sets on hash = annotation_set
        where serial = any($1::bigint[]) order by serial`,
      [serials],
    )
  return rows.map((row) => ({ ...row, serial: Number(row.serial), size: Number(row.size) }))
}

export function* batchesOf<T>(values: Iterable<T>, length: number): Generator<T[]> {
  let batch: T[] = []
  for (const value of values) {
    batch.push(value)
    if (batch.length < length) continue
    yield batch
    batch = []
  }
  if (batch.length) yield batch
}

async function storeAnnotationSets(manager: EntityManager, sets: readonly AnnotationSet[]): Promise<void> {
  const distinct = [...new Map(sets.map((set) => [set.hash, set])).values()]
  await manager.query(
    `insert into annotation_sets (hash, annotations, tags, metadata)
     select decode(hash, 'hex'), annotations, tags, metadata
       from unnest($1::text[], $2::jsonb[], $3::jsonb[], $4::jsonb[]) as s (hash, annotations, tags, metadata)
     on conflict do nothing`,
    [
      distinct.map(({ hash }) => hash),
      distinct.map(({ annotations }) => JSON.stringify(annotations)),
      distinct.map(({ tags }) => JSON.stringify(tags)),
      distinct.map(({ metadata }) => JSON.stringify(metadata)),
    ],
  )
}

/** Brings new entries into the index; the caller holds the entries' lock. */
async function markEntries(
  manager: EntityManager,
  added: readonly Added[],
  known: readonly EntryKey[],
): Promise<void> {
  if (added.length === 0) return
  const images: { id: string; width: number; height: number }[] = await manager.query(
    `select encode(id, 'hex') as id, width, height from assets
      where id in (select decode(id, 'hex') from unnest($1::text[]) as a (id))`,
    [added.map(({ assetId }) => assetId)],
  )
  const imageOf = new Map(images.map((image) => [image.id, image]))
  const marked = new MarkedSerials()
  for (const { serial, assetId, annotationSet } of added) {
    const { width, height } = imageOf.get(assetId)! // an entry refers to its asset
    marked.measure(measuresOf({ ...annotationSet, width, height }), serial)
  }
  markSeveral(marked, [...known, ...added])
  await addToMarks(manager, marked)
  await revisePages(
    manager,
    added.map(({ serial }) => pageOf(serial)),
  )
}

/** @param entries all entries of some assets */
function markSeveral(marked: MarkedSerials, entries: readonly { serial: number; assetId: string }[]): void {
  const byAsset = new Map<string, number[]>()
  for (const { serial, assetId } of entries) {
    const serials = byAsset.get(assetId)
    if (serials) serials.push(serial)
    else byAsset.set(assetId, [serial])
  }
  for (const serials of byAsset.values())
    if (serials.length > 1) for (const serial of serials) marked.mark(severalMark, serial)
}
