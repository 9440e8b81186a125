import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Blobs, isBucket } from '@ymir/blobs'
import { log } from '@ymir/service'
import type { DataSource } from 'typeorm'
import type { Amount } from './collection.ts'

/** How much the workspace takes. */
export interface Usage {
  /** As the database knows them. */
  readonly images: Amount
  /** Blobs that are no images of datasets, of whatever service; null while a large store is still being counted. */
  readonly others: Amount | null
  /** Bytes of the whole database, of all services. */
  readonly databaseBytes: number
  /** On the disk of the blobs; null when they are in a bucket. */
  readonly freeBytes: number | null
  readonly measuredAt: Date
}

const freshMs = 60_000
/** How long somebody waits for the blobs to be counted; a million of them takes some ten seconds. */
const patienceMs = 5_000
/** The longer it took to count, the longer it is not done again. */
const restForWork = 20

/** Measures what the workspace takes, at most once a minute however often it is asked. */
export class StorageUsage {
  private measured: { readonly usage: Promise<Usage>; readonly until: number } | undefined
  private counted: { readonly amount: Promise<Amount>; until: number } | undefined

  constructor(
    private readonly services: {
      readonly database: DataSource
      readonly blobs: Blobs
      /** A folder, or the address of a bucket. */
      readonly blobPlace: string
    },
    private readonly now: () => number = Date.now,
  ) {}

  read(): Promise<Usage> {
    if (this.measured && this.now() < this.measured.until) return this.measured.usage
    const usage = this.measure()
    const measured = { usage, until: this.now() + freshMs }
    this.measured = measured
    usage.catch(() => {
      if (this.measured === measured) this.measured = undefined // the next one who asks tries again
    })
    return usage
  }

  private async measure(): Promise<Usage> {
    const { database, blobPlace } = this.services
    const [row]: [{ count: string; bytes: string; database: string }] = await database.query(
      `select count(*), coalesce(sum(size), 0) as bytes, pg_database_size(current_database()) as database
         from assets where collected_at is null`,
    )
    const images = { count: Number(row.count), bytes: Number(row.bytes) }
    const all = await Promise.race([this.countBlobs(), delay(patienceMs, null, { ref: false })])
    return {
      images,
      others: all && {
        count: Math.max(0, all.count - images.count),
        bytes: Math.max(0, all.bytes - images.bytes),
      },
      databaseBytes: Number(row.database),
      freeBytes: isBucket(blobPlace) ? null : await freeBytesOf(blobPlace),
      measuredAt: new Date(this.now()),
    }
  }

  private countBlobs(): Promise<Amount> {
    if (this.counted && this.now() < this.counted.until) return this.counted.amount
    const began = this.now()
    const counted = { amount: amountOf(this.services.blobs), until: Infinity }
    this.counted = counted
    counted.amount.then(
      () => (counted.until = this.now() + Math.max(freshMs - 1, (this.now() - began) * restForWork)),
      (error: unknown) => {
        this.counted = undefined
        log.error('the blobs could not be counted', error)
      },
    )
    return counted.amount
  }
}

async function amountOf(blobs: Blobs): Promise<Amount> {
  let [count, bytes] = [0, 0]
  for await (const { size } of blobs.list()) {
    count++
    bytes += size
  }
  return { count, bytes }
}

/** The folder is made with the first blob: until then, of where it will be. */
async function freeBytesOf(folder: string): Promise<number> {
  const found = await statfs(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  return found ? found.bavail * found.bsize : freeBytesOf(dirname(folder))
}
