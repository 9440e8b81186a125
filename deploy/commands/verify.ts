import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Blobs, isSound, openBlobs } from '@ymir/blobs'
import pg from 'pg'
import { startPostgres } from '../embedded/postgres.ts'
import { blobsOf } from '../home.ts'
import { paint, readableBytes } from './terminal.ts'

export interface Verdict {
  /** Blobs read, and their bytes. */
  readonly count: number
  readonly bytes: number
  /** Hashes under which other bytes lie. */
  readonly damaged: readonly string[]
  /** Hashes that datasets refer to and that are not in the store. */
  readonly missing: readonly string[]
}

const shown = 100
const askedAtOnce = 16
const sayEveryMs = 2_000

/** Reads all stored bytes and compares them with their hashes. @returns 1 when some are damaged or missing */
export async function verify(home: string): Promise<number> {
  const place = blobsOf(home)
  console.log(`verifying the blobs in ${place.replace(/\?.*/, '')}`)
  const verdict = await verifyBlobs(await openBlobs(place), referencedBlobs(home), (count, bytes) =>
    console.log(`  ${count} blobs, ${readableBytes(bytes)} read`),
  )
  const { count, bytes, damaged, missing } = verdict
  for (const hash of damaged.slice(0, shown)) console.log(`${paint.red('damaged')} ${hash}`)
  for (const hash of missing.slice(0, shown)) console.log(`${paint.red('missing')} ${hash}`)
  console.log(
    `${count} blobs (${readableBytes(bytes)}) read, ${damaged.length} damaged, ${missing.length} missing`,
  )
  if (damaged.length)
    console.log(
      'damaged: other bytes lie under the hash. Check the disk, remove the file <first two digits>/<hash>, then take it from a backup or import the same image again',
    )
  if (missing.length)
    console.log(
      'missing: datasets refer to it. Take it from a backup, or import the same image again: it comes back under its hash',
    )
  return damaged.length + missing.length === 0 ? 0 : 1
}

/**
 * @param referenced hashes that must be in the store
 * @param onProgress told now and then how many blobs and bytes were read
 */
export async function verifyBlobs(
  blobs: Blobs,
  referenced: AsyncIterable<readonly string[]>,
  onProgress: (count: number, bytes: number) => void,
): Promise<Verdict> {
  const damaged: string[] = []
  let [count, bytes, saidAt] = [0, 0, Date.now()]
  for await (const { sha256, size } of blobs.list()) {
    if (!(await isSound(blobs, sha256))) damaged.push(sha256)
    count++
    bytes += size
    if (Date.now() - saidAt < sayEveryMs) continue
    saidAt = Date.now()
    onProgress(count, bytes)
  }
  const missing: string[] = []
  for await (const hashes of referenced) missing.push(...(await missingOf(blobs, hashes)))
  return { count, bytes, damaged, missing }
}

async function missingOf(blobs: Blobs, hashes: readonly string[]): Promise<string[]> {
  const missing: string[] = []
  for (let start = 0; start < hashes.length; start += askedAtOnce) {
    const some = hashes.slice(start, start + askedAtOnce)
    const there = await Promise.all(some.map((hash) => blobs.has(hash)))
    missing.push(...some.filter((_, index) => !there[index]))
  }
  return missing
}

/** Images and manifests of the dataset service, some thousands at a time; nothing when there is no database yet. */
async function* referencedBlobs(home: string): AsyncGenerator<string[]> {
  if (!process.env.YMIR_DATABASE_URL && !existsSync(join(home, 'postgres'))) return
  const own = process.env.YMIR_DATABASE_URL ? undefined : await startPostgres({ home })
  const client = new pg.Client({ connectionString: process.env.YMIR_DATABASE_URL ?? own?.url })
  try {
    await client.connect()
    yield* hashesIn(client)
  } finally {
    await client.end()
    if (own && !own.adopted) await own.stop() // the platform does not run
  }
}

async function* hashesIn(client: pg.Client): AsyncGenerator<string[]> {
  const { rows: found } = await client.query<{ there: boolean }>(
    `select to_regclass('dataset.assets') is not null as there`,
  )
  if (!found[0]?.there) return
  await client.query('begin read only')
  await client.query(`
    declare referenced no scroll cursor for
      select encode(id, 'hex') as hash from dataset.assets as a where to_jsonb(a)->>'collected_at' is null
      union select manifest_sha256 from dataset.dataset_versions where manifest_sha256 is not null`)
  for (;;) {
    const { rows } = await client.query<{ hash: string }>('fetch 5000 from referenced')
    if (rows.length === 0) return
    yield rows.map(({ hash }) => hash)
  }
}
