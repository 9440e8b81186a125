import type { Blobs } from '@ymir/blobs'
import { log } from '@ymir/service'
import type { DataSource, EntityManager } from 'typeorm'
import { cutOff } from './cut-off.ts'
import { countPages, deletePages, markUnreachable, type Unreachable } from './unreachable.ts'

/** Tells which of some hashes another service still needs; an error keeps everything. */
export type Holders = (sha256s: readonly string[]) => Promise<readonly string[]>

export interface Amount {
  readonly count: number
  readonly bytes: number
}

export interface Collection {
  /** All that no version needs, whatever its age. */
  readonly unreachable: Amount
  /** What went, or would go now. */
  readonly removed: Amount
  /** Of what was due: another service holds it, or somebody wrote it again lately. */
  readonly kept: Amount
  readonly pageCount: number
  /** The first 100 of what was due. */
  readonly blobs: readonly Unreachable[]
}

const removedAtOnce = 200
const shown = 100

/**
 * Garbage collection by reachability, of what this service itself put into the store: images that are in no version, and
 * manifests of deleted versions. What other services store is theirs; of what is both ours and theirs they are asked. A blob
 * goes only when it has been unreachable for the grace and nobody has written it again in that time (see `Blobs.remove`): so an
 * import of the same image at the same moment finds its bytes afterwards, whoever was first.
 */
export class GarbageCollection {
  constructor(
    private readonly services: {
      readonly database: DataSource
      readonly blobs: Blobs
      readonly holders: Holders
    },
  ) {}

  /** Says what would go, and changes nothing. */
  async preview(graceHours: number): Promise<Collection> {
    const runner = this.services.database.createQueryRunner()
    await runner.startTransaction()
    try {
      await markUnreachable(runner.manager)
      const due = await dueBlobs(runner.manager, await cutOff(runner.manager, graceHours))
      const { left, held } = await this.askHolders(due)
      return {
        ...{ unreachable: await allUnreachable(runner.manager), blobs: due.slice(0, shown) },
        ...{ removed: amountOf(left), kept: amountOf(held), pageCount: await countPages(runner.manager) },
      }
    } finally {
      await runner.rollbackTransaction()
      await runner.release()
    }
  }

  async collect(graceHours: number): Promise<Collection> {
    const { database } = this.services
    await database.transaction(markUnreachable)
    const pageCount = await database.transaction(deletePages)
    const before = await cutOff(database.manager, graceHours)
    const unreachable = await allUnreachable(database.manager)
    const due = await dueBlobs(database.manager, before)
    const removed: Unreachable[] = []
    for (let start = 0; start < due.length; start += removedAtOnce) {
      const { left } = await this.askHolders(due.slice(start, start + removedAtOnce))
      removed.push(...(await this.remove(left, before)))
    }
    const gone = new Set(removed)
    const kept = due.filter((blob) => !gone.has(blob))
    const collection = { unreachable, removed: amountOf(removed), kept: amountOf(kept), pageCount }
    log.info('collected garbage', collection)
    return { ...collection, blobs: due.slice(0, shown) }
  }

  private async askHolders(blobs: readonly Unreachable[]) {
    const held = new Set<string>()
    for (let start = 0; start < blobs.length; start += removedAtOnce) {
      const hashes = blobs.slice(start, start + removedAtOnce).map(({ sha256 }) => sha256)
      for (const sha256 of await this.services.holders(hashes)) held.add(sha256)
    }
    return {
      left: blobs.filter(({ sha256 }) => !held.has(sha256)),
      held: blobs.filter(({ sha256 }) => held.has(sha256)),
    }
  }

  /**
   * First says that the images are gone, then removes them: an import that puts one again says afterwards that it is there
   * (`storeAssets`), and what stayed is said to be there again.
   */
  private async remove(blobs: readonly Unreachable[], before: Date): Promise<Unreachable[]> {
    const { database, blobs: store } = this.services
    await sayCollected(database.manager, blobs, true)
    const removed: Unreachable[] = []
    try {
      for (const blob of blobs)
        if ((await store.remove(blob.sha256, before)) !== 'WRITTEN_LATELY') removed.push(blob)
    } finally {
      const gone = new Set(removed)
      await sayCollected(
        database.manager,
        blobs.filter((blob) => !gone.has(blob)),
        false,
      )
    }
    await database.query(`delete from unreachable_blobs where encode(sha256, 'hex') = any($1::text[])`, [
      removed.map(({ sha256 }) => sha256),
    ])
    return removed
  }
}

async function sayCollected(
  manager: EntityManager,
  blobs: readonly Unreachable[],
  gone: boolean,
): Promise<void> {
  await manager.query(
    `update assets set collected_at = case when $2 then now() end
      where id in (select decode(id, 'hex') from unnest($1::text[]) as a (id))`,
    [blobs.map(({ sha256 }) => sha256), gone],
  )
}

async function dueBlobs(manager: EntityManager, before: Date): Promise<Unreachable[]> {
  const rows: (Omit<Unreachable, 'size'> & { size: string })[] = await manager.query(
    `select encode(sha256, 'hex') as sha256, kind, size, since from unreachable_blobs
      where since <= $1 order by since, sha256`,
    [before],
  )
  return rows.map((row) => ({ ...row, size: Number(row.size) }))
}

async function allUnreachable(manager: EntityManager): Promise<Amount> {
  const [row]: [{ count: string; bytes: string }] = await manager.query(
    'select count(*), coalesce(sum(size), 0) as bytes from unreachable_blobs',
  )
  return { count: Number(row.count), bytes: Number(row.bytes) }
}

function amountOf(blobs: readonly Unreachable[]): Amount {
  return { count: blobs.length, bytes: blobs.reduce((sum, { size }) => sum + size, 0) }
}
