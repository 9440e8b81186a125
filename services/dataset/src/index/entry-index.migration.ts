import type { EntityManager, MigrationInterface, QueryRunner } from 'typeorm'
import type { Annotation } from '../annotation/annotation.ts'
import { pageLength } from '../page/bits.ts'
import { decodeBits } from '../page/encoding.ts'
import { addStatistics, noStatistics, type Statistics } from '../page/statistics.ts'
import { EntryIndex } from './entry-index.ts'
import { MarkedSerials } from './mark.ts'
import { addToMarks, revisePages } from './mark.store.ts'
import { measuresOf } from './measure.ts'
import { pageStatistics } from './page-statistics.ts'

/**
 * Everything that is counted, filtered by and ordered by becomes bitmaps, and a root the hash of page hashes. What is
 * derived from entries is derived again, by the code of today: a later change of it needs a migration of its own.
 */
export class EntryIndex1700000120000 implements MigrationInterface {
  name = 'EntryIndex1700000120000'

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...tables, ...roots]) await runner.query(statement)
    await indexEntries(runner.manager)
    await countPages(runner.manager)
    await countVersions(runner.manager)
  }

  down(): Promise<void> {
    throw new Error('fingerprints are gone: restore the backup that was made before the upgrade')
  }
}

const tables = [
  `delete from entry_marks where mark <> 'several'`,
  // slice 0: the value is 1 or more; slice b + 1: bit b of what it is more. In the order of bytes, to read a prefix
  `alter table entry_marks
     add slice smallint not null default 0,
     alter column mark type text collate "C",
     alter column bits set storage external,
     drop constraint entry_marks_pkey,
     add primary key (page_number, mark, slice)`,
  `create sequence mark_revision_numbers`,
  `create table mark_revisions (
     page_number integer primary key,
     revision bigint not null default nextval('mark_revision_numbers')
   )`,
  // found out from the annotations themselves
  `alter table annotation_sets drop summary`,
]

const roots = [
  `update dataset_versions set root = encode(sha256(convert_to(
     'ymir dataset version 2' || chr(10) || coalesce((
       select string_agg(page_number || ' ' || encode(page_hash, 'hex') || chr(10), '' order by page_number)
         from version_pages where version_id = dataset_versions.id), ''), 'UTF8')), 'hex')`,
  `alter table pages drop fingerprint, alter column bits set storage external`,
]

const entriesAtOnce = 8_192

async function indexEntries(manager: EntityManager): Promise<void> {
  for (let from = 0; ; from += entriesAtOnce) {
    const rows: Row[] = await manager.query(
      `select serial, width, height, annotations, tags, metadata
         from entries join assets on assets.id = asset_id join annotation_sets on hash = annotation_set
        where serial >= $1 and serial < $2`,
      [from, from + entriesAtOnce],
    )
    if (rows.length === 0) return
    const marked = new MarkedSerials()
    for (const row of rows) marked.measure(measuresOf(row), Number(row.serial))
    await addToMarks(manager, marked)
    await revisePages(manager, [Math.floor(from / pageLength)])
  }
}

interface Row {
  readonly serial: string
  readonly width: number
  readonly height: number
  readonly annotations: readonly Annotation[]
  readonly tags: readonly string[]
  readonly metadata: Readonly<Record<string, string>>
}

async function countPages(manager: EntityManager): Promise<void> {
  const index = new EntryIndex()
  const pages: { hash: Buffer }[] = await manager.query('select hash from pages order by number')
  for (const { hash } of pages) {
    const [{ number, bits }]: [{ number: number; bits: Buffer }] = await manager.query(
      'select number, bits from pages where hash = $1',
      [hash],
    )
    const counted = (await index.readCounted(manager, [number])).get(number)
    const statistics = pageStatistics(decodeBits(bits), counted ?? new Map())
    await manager.query('update pages set statistics = $2 where hash = $1', [
      hash,
      JSON.stringify(statistics),
    ])
  }
}

async function countVersions(manager: EntityManager): Promise<void> {
  const versions: { id: string }[] = await manager.query('select id from dataset_versions')
  for (const { id } of versions) {
    const pages: { statistics: Statistics }[] = await manager.query(
      'select statistics from version_pages join pages on hash = page_hash where version_id = $1',
      [id],
    )
    const counts = pages.map(({ statistics }) => statistics).reduce(addStatistics, noStatistics)
    await manager.query('update dataset_versions set statistics = $2 where id = $1', [
      id,
      JSON.stringify(counts),
    ])
  }
}
