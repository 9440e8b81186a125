import type { Blobs } from '@ymir/blobs'
import { Chore, log } from '@ymir/service'
import type { DataSource } from 'typeorm'
import { importLimits } from '../import/limits.ts'
import { differenceHash } from './difference-hash.ts'

const hashedAtOnce = 100
const lookEveryMs = 15_000

/**
 * Looks at images that came in and finds their hashes, some at a time, in the background. Waits while an import runs: its
 * images are wanted sooner than what they look like; `look` after its end, so that nobody waits for the timer.
 */
export class Hashing {
  private readonly chore: Chore
  private timer: NodeJS.Timeout | undefined
  private stopping = false

  constructor(private readonly services: { readonly database: DataSource; readonly blobs: Blobs }) {
    this.chore = new Chore('finding out which images are alike', () => this.hashAll())
  }

  /** There may be images that nobody has looked at yet. */
  look = (): void => this.chore.look()

  start(): void {
    this.timer = setInterval(this.look, lookEveryMs)
    this.look()
  }

  async stop(): Promise<void> {
    this.stopping = true
    clearInterval(this.timer)
    await this.chore.stop()
  }

  /** Goes on until all have a hash, an import begins, or the service stops. */
  async hashAll(): Promise<void> {
    while (!this.stopping && !(await this.isImporting())) if ((await this.hashSome()) === 0) return
  }

  private async isImporting(): Promise<boolean> {
    const rows: unknown[] = await this.services.database.query(
      `select from imports where state = 'RUNNING' limit 1`,
    )
    return rows.length > 0
  }

  /** @returns how many images it looked at */
  private async hashSome(): Promise<number> {
    const { database } = this.services
    const rows: { id: string }[] = await database.query(
      `select encode(id, 'hex') as id from assets where hash_number is null order by id limit ${hashedAtOnce}`,
    )
    const hashes: (Buffer | null)[] = []
    for (const { id } of rows) hashes.push(await this.hashOf(id))
    // numbered and committed one batch after the other: whoever reads up to a number misses none below it
    await database.transaction(async (manager) => {
      await manager.query(`select pg_advisory_xact_lock(hashtext('hashes of ' || current_schema()))`)
      await manager.query(
        `update assets set perceptual_hash = h.hash, hash_number = nextval('hash_numbers')
           from unnest($1::text[], $2::bytea[]) as h (id, hash) where assets.id = decode(h.id, 'hex')`,
        [rows.map(({ id }) => id), hashes],
      )
    })
    return rows.length
  }

  private async hashOf(assetId: string): Promise<Buffer | null> {
    try {
      const { high, low } = await differenceHash(await this.services.blobs.get(assetId), importLimits.pixels)
      const hash = Buffer.alloc(8)
      hash.writeUInt32BE(high, 0)
      hash.writeUInt32BE(low, 4)
      return hash
    } catch (error) {
      log.warn(`image ${assetId} gets no perceptual hash`, { reason: String(error) })
      return null
    }
  }
}
