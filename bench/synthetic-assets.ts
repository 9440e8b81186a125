import {
  type Annotation,
  annotationSetOf,
  encodeBits,
  MarkedSerials,
  measuresOf,
  noBits,
  pageLength,
  revisePages,
  setBit,
} from '@ymir/dataset/testing'
import { seededRandom } from '@ymir/detection'
import type { EntityManager } from 'typeorm'

export const labels = Array.from({ length: 80 }, (_, index) => `label ${index}`)

/** Different ground truths; asset n has the ground truth n modulo this prime. */
const patternCount = 499
const sizes = [
  [640, 480],
  [1280, 720],
  [1920, 1080],
  [3840, 2160],
  [500, 375],
  [427, 640],
  [1024, 1024],
] as const

/** The images of synthetic assets. */
export interface SyntheticImages {
  readonly format: 'jpg' | 'png'
  /** Bytes of each. */
  readonly size: number
  /** Ids of the assets from one number to below another, 32 bytes each. */
  readonly idsOf: (from: number, to: number) => Buffer | Promise<Buffer>
}

/** Images that are nowhere: the id of an asset is its number. */
export const noImages: SyntheticImages = {
  format: 'jpg',
  size: 100_000,
  idsOf: (from, to) => {
    const ids = Buffer.alloc(32 * (to - from))
    for (let n = from; n < to; n++) ids.writeUIntBE(n, 32 * (n - from) + 26, 6)
    return ids
  },
}

/** The id of asset n without an image. */
export function syntheticAsset(n: number): string {
  return n.toString(16).padStart(64, '0')
}

/**
 * Assets 0 to `count` with 0 to 7 boxes of 80 labels, some of which are frequent and some rare, with names. Rows are made by
 * SQL and the index as whole pages of bits, a page at a time; the search for images that are alike takes them for looked at. Call it in one transaction, in an empty schema.
 */
export async function storeSyntheticAssets(
  manager: EntityManager,
  count: number,
  images: SyntheticImages = noImages,
): Promise<void> {
  const patterns = somePatterns()
  await manager.query(`set local session_replication_role = replica`) // no check of each row's references
  await storePatterns(manager, patterns)
  const index = new IndexPages(patterns)
  for (let from = 0; from < count; from += pageLength) {
    const to = Math.min(count, from + pageLength)
    await storeRows(manager, from, to, images)
    await index.store(manager, from, to)
    if ((from / pageLength) % 16 === 15) console.log(`  ${to.toLocaleString('en')} assets generated`)
  }
}

type Pattern = ReturnType<typeof annotationSetOf>

async function storePatterns(manager: EntityManager, patterns: readonly Pattern[]): Promise<void> {
  const hashes = patterns.map(({ hash }) => hash)
  await manager.query(
    `insert into annotation_sets (hash, annotations, tags)
     select decode(hash, 'hex'), annotations, tags from unnest($1::text[], $2::jsonb[], $3::jsonb[]) s (hash, annotations, tags)
     on conflict do nothing`,
    [
      hashes,
      patterns.map(({ annotations }) => JSON.stringify(annotations)),
      patterns.map(({ tags }) => JSON.stringify(tags)),
    ],
  )
  await manager.query(
    `create temporary table patterns on commit drop as
     select n - 1 as n, decode(hash, 'hex') as hash from unnest($1::text[]) with ordinality p (hash, n)`,
    [hashes],
  )
  await manager.query(
    `create temporary table sizes on commit drop as
     select n - 1 as n, width, height from unnest($1::integer[], $2::integer[]) with ordinality s (width, height, n)`,
    [sizes.map(([width]) => width), sizes.map(([, height]) => height)],
  )
  await manager.query('create temporary table made (n bigint, id bytea) on commit drop')
}

async function storeRows(
  manager: EntityManager,
  from: number,
  to: number,
  { format, size, idsOf }: SyntheticImages,
): Promise<void> {
  await manager.query('truncate made')
  await manager.query(
    `insert into made select n, substring($1::bytea from (32 * (n - $2::bigint) + 1)::integer for 32)
       from generate_series($2::bigint, $3::bigint - 1) n`,
    [await idsOf(from, to), from, to],
  )
  await manager.query(
    `insert into assets (id, format, width, height, size, hash_number)
     select id, $1, width, height, $2::bigint, nextval('hash_numbers') from made join sizes on sizes.n = made.n % ${sizes.length}`,
    [format, size],
  )
  await manager.query(
    `insert into entries (serial, asset_id, annotation_set)
     select made.n, id, hash from made join patterns on patterns.n = made.n % ${patternCount}`,
  )
  await manager.query(
    `insert into asset_names select id, 'drive_' || n / 1000 || '/frame_' || n || '.' || $1 from made`,
    [format],
  )
}

/** The index over the patterns in turn, written as whole pages: setting bits is all that an asset costs. */
class IndexPages {
  private readonly marks: { readonly mark: string; readonly slice: number }[] = []
  /** By size and pattern: places of its marks in the list of all. */
  private readonly marked: readonly (readonly number[])[][]

  constructor(patterns: readonly Pattern[]) {
    const places = new Map<string, number>()
    const placeOf = (mark: string, slice: number) => {
      const key = `${slice} ${mark}`
      const place = places.get(key) ?? this.marks.push({ mark, slice }) - 1
      places.set(key, place)
      return place
    }
    this.marked = sizes.map(([width, height]) =>
      patterns.map((pattern) => {
        const one = new MarkedSerials()
        one.measure(measuresOf({ ...pattern, width, height }), 0)
        return [...one].map(({ mark, slice }) => placeOf(mark, slice))
      }),
    )
  }

  /** @param from first serial of a page */
  async store(manager: EntityManager, from: number, to: number): Promise<void> {
    const pages = this.marks.map((mark) => ({ ...mark, bits: noBits() }))
    for (let serial = from; serial < to; serial++)
      for (const place of this.marked[serial % sizes.length]![serial % patternCount]!)
        setBit(pages[place]!.bits, serial - from)
    await manager.query(
      `insert into entry_marks (page_number, mark, slice, bits)
       select $1, * from unnest($2::text[], $3::smallint[], $4::bytea[])`,
      [
        from / pageLength,
        pages.map(({ mark }) => mark),
        pages.map(({ slice }) => slice),
        pages.map(({ bits }) => encodeBits(bits)),
      ],
    )
    await revisePages(manager, [from / pageLength])
  }
}

function somePatterns(): Pattern[] {
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
