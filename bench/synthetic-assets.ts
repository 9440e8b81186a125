import { createHash } from 'node:crypto'
import {
  addToMarks,
  type Annotation,
  annotationSetOf,
  MarkedSerials,
  measuresOf,
  pageLength,
  revisePages,
} from '@ymir/dataset/testing'
import { seededRandom } from '@ymir/detection'
import type { EntityManager } from 'typeorm'

export const labels = Array.from({ length: 80 }, (_, index) => `label ${index}`)

/** Different ground truths; asset n has the ground truth n modulo this prime. */
const patternCount = 19_997
const sizes = [
  [640, 480],
  [1280, 720],
  [1920, 1080],
  [3840, 2160],
  [500, 375],
  [427, 640],
  [1024, 1024],
] as const

/**
 * Assets 0 to `count` with 0 to 7 boxes of 80 labels, some of which are frequent and some rare, through the tables of an
 * import: rows by SQL, the index by the code of the service. Call it in one transaction, in an empty schema.
 */
export async function storeSyntheticAssets(manager: EntityManager, count: number): Promise<void> {
  const patterns = somePatterns()
  await manager.query(`set local session_replication_role = replica`) // no check of each row's references
  await manager.query(
    `insert into annotation_sets (hash, annotations, tags)
     select decode(hash, 'hex'), annotations, tags from unnest($1::text[], $2::jsonb[], $3::jsonb[]) s (hash, annotations, tags)
     on conflict do nothing`,
    [
      patterns.map(({ hash }) => hash),
      patterns.map(({ annotations }) => JSON.stringify(annotations)),
      patterns.map(({ tags }) => JSON.stringify(tags)),
    ],
  )
  await manager.query(
    `create temporary table patterns on commit drop as
     select n - 1 as n, decode(hash, 'hex') as hash from unnest($1::text[]) with ordinality p (hash, n)`,
    [patterns.map(({ hash }) => hash)],
  )
  await manager.query(
    `create temporary table sizes on commit drop as
     select n - 1 as n, width, height from unnest($1::integer[], $2::integer[]) with ordinality s (width, height, n)`,
    [sizes.map(([width]) => width), sizes.map(([, height]) => height)],
  )
  await manager.query(
    `insert into assets (id, format, width, height, size)
     select sha256(int8send(a.n)), 'jpg', width, height, 100000
       from generate_series(0::bigint, $1::bigint - 1) a (n) join sizes on sizes.n = a.n % ${sizes.length}`,
    [count],
  )
  await manager.query(
    `insert into entries (serial, asset_id, annotation_set)
     select a.n, sha256(int8send(a.n)), hash
       from generate_series(0::bigint, $1::bigint - 1) a (n) join patterns on patterns.n = a.n % ${patternCount}`,
    [count],
  )
  await manager.query(
    `insert into asset_names
     select sha256(int8send(n)), 'drive_' || n / 1000 || '/frame_' || n || '.jpg' from generate_series(0::bigint, $1::bigint - 1) n`,
    [count],
  )
  const measured = sizes.map(([width, height]) =>
    patterns.map((pattern) => measuresOf({ ...pattern, width, height })),
  )
  for (let from = 0; from < count; from += pageLength) {
    const marked = new MarkedSerials()
    for (let serial = from; serial < Math.min(count, from + pageLength); serial++)
      marked.measure(measured[serial % sizes.length]![serial % patternCount]!, serial)
    await addToMarks(manager, marked)
    await revisePages(manager, [from / pageLength])
  }
}

/** The id of asset n. */
export function syntheticAsset(n: number): string {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(n))
  return createHash('sha256').update(bytes).digest('hex')
}

function somePatterns() {
  const random = seededRandom(1)
  const whole = (below: number) => Math.floor(random() * below)
  return Array.from({ length: patternCount }, (_, n) => {
    const annotations = Array.from({ length: whole(8) }, (): Annotation => ({
      // squares of random numbers are small more often than large
      label: labels[Math.floor(random() ** 2 * labels.length)]!,
      box: { x: n, y: whole(100), width: 4 + whole(400), height: 4 + whole(400) },
      difficult: false,
      truncated: false,
      crowd: false,
    }))
    return annotationSetOf(annotations, { tags: n % 3 === 0 ? ['night'] : [] })
  })
}
