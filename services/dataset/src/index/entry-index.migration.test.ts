import { createHash } from 'node:crypto'
import { openTestDatabase } from '@ymir/database'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Annotation } from '../annotation/annotation.ts'
import { migrations } from '../migrations.ts'
import { encodeBits } from '../page/encoding.ts'
import { rootOf } from '../page/root.ts'
import { SerialSet } from '../page/serial-set.ts'
import { entryIndexOf } from './entry-index.ts'
import { EntryIndex1700000120000 } from './entry-index.migration.ts'
import { labelMeasure, measures } from './measure.ts'

let opened: Awaited<ReturnType<typeof openTestDatabase>>
const version = '00000000-0000-4000-8000-000000000001'
const empty = '00000000-0000-4000-8000-000000000002'
const serials = SerialSet.of([0, 1, 2, 70_000])
const pages = serials.pageNumbers.map((number) => {
  const bits = encodeBits(serials.page(number)!)
  return { number, bits, hash: createHash('sha256').update(`page ${number}\n`).update(bits).digest() }
})

beforeAll(async () => {
  opened = await openTestDatabase('dataset', { entities: [], migrations: migrations.slice(0, 2) })
  const { database } = opened
  await database.query(`insert into assets select sha256('a'::bytea), 'jpg', 640, 480, 1`)
  await database.query(
    `insert into annotation_sets (hash, annotations, summary)
     select sha256(int8send(n)), case when n < 2 then $1::jsonb else '[]' end, '{}' from generate_series(0, 70000) n`,
    [JSON.stringify([aBox('cell', 100), aBox('cell', 20)])],
  )
  await database.query(
    `insert into entries select n, sha256('a'::bytea), sha256(int8send(n)) from generate_series(0, 70000) n`,
  )
  const id = version.slice(0, -1)
  await database.query(`insert into projects values ('${id}3', '', '', '{}', now(), '${id}3')`)
  await database.query(`insert into datasets values ('${id}4', '${id}3', 'a', now())`)
  for (const [index, one] of [version, empty].entries())
    await database.query(
      `insert into dataset_versions values ($1, '${id}4', '${id}3', $2, 'IMPORT', '{}', null, null, 'old', 4, 4, 2, '{}',
         null, null, now(), '')`,
      [one, index + 1],
    )
  for (const { number, bits, hash } of pages) {
    await database.query(`insert into pages values ($1, $2, $3, '', '{}')`, [hash, number, bits])
    await database.query('insert into version_pages values ($1, $2, $3)', [version, number, hash])
  }
})
afterAll(() => opened.close())

test('roots, statistics and the index of what was there before are those that the code gives', async () => {
  const { database } = opened
  await database.transaction((manager) => new EntryIndex1700000120000().up(manager.queryRunner!))
  const rows: { id: string; root: string; statistics: unknown }[] = await database.query(
    'select id, root, statistics from dataset_versions order by number',
  )
  expect(rows.map(({ root }) => root)).toEqual([rootOf(pages), rootOf([])])
  expect(rows[0]?.statistics).toMatchObject({
    assetCount: 4,
    annotationCount: 4,
    negativeCount: 2,
    labels: { cell: { annotationCount: 4, assetCount: 2 } },
    boxAspects: [0, 0, 0, 0, 0, 2, 0, 0, 2],
    imageSides: [0, 0, 0, 4, 0, 0, 0, 0, 0, 0],
  })
  const index = entryIndexOf(database.manager)
  const cells = await index.read(database.manager, labelMeasure('cell'), [0, 1])
  expect([...cells.between(serials, 2)]).toEqual([0, 1])
  const widths = await index.read(database.manager, measures.width, [0, 1])
  expect([...widths.between(serials, 640, 640)]).toEqual([...serials])
})

function aBox(label: string, width: number): Annotation {
  return {
    label,
    box: { x: 0, y: 0, width, height: 16 },
    difficult: false,
    truncated: false,
    crowd: false,
  }
}
