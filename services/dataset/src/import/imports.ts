import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Blobs } from '@ymir/blobs'
import type { Bus } from '@ymir/bus'
import { notFound } from '@ymir/graphql'
import { ImportProgressedSchema, ImportStateChangedSchema } from '@ymir/proto-events'
import { log } from '@ymir/service'
import { type DataSource, type EntityManager, In } from 'typeorm'
import { Dataset } from '../dataset/dataset.entity.ts'
import { openDataset, type Target } from '../dataset/dataset.store.ts'
import { adoptLabels, readLabels } from '../label/label.store.ts'
import { SerialSet } from '../page/serial-set.ts'
import { createVersion } from '../version/version.store.ts'
import { Import } from './import.entity.ts'
import type { ImportPolicy, ImportState } from './policy.ts'
import { importArchive, type ImportOutcome } from './run.ts'

export interface ImportRequest {
  readonly projectId: string
  readonly target: Target
  readonly uploadId: string
  readonly policy: ImportPolicy
  readonly actorId: string
}

const unfinished: ImportState[] = ['QUEUED', 'RUNNING']
const progressEveryMs = 200

/**
 * The imports of the platform, run in the background one after the other. An import that was running when the process died
 * starts again from its beginning: what it had stored is found by content and not stored twice.
 */
export class Imports {
  private readonly running = new Map<string, AbortController>()
  private queue: Promise<void> = Promise.resolve()
  private stopping = false

  constructor(private readonly services: { database: DataSource; bus: Bus; blobs: Blobs; uploads: string }) {}

  /** Goes on with what was unfinished when the process ended. */
  async start(): Promise<void> {
    const left = await this.services.database.manager.find(Import, {
      where: { state: In(unfinished) },
      order: { createdAt: 'ASC' },
    })
    for (const { id } of left) this.enqueue(id)
  }

  /** Ends at the next safe point; the import starts again with the process. */
  async stop(): Promise<void> {
    this.stopping = true
    for (const controller of this.running.values()) controller.abort()
    await this.queue
  }

  /** When nothing is left to do. */
  idle(): Promise<void> {
    return this.queue
  }

  async request({ projectId, target, uploadId, policy, actorId }: ImportRequest): Promise<Import> {
    const wanted = await this.services.database.transaction(async (manager) => {
      const dataset = await openDataset(manager, projectId, target)
      const row = manager.create(Import, {
        id: randomUUID(),
        projectId,
        datasetId: dataset.id,
        uploadId,
        policy,
        state: 'QUEUED',
        progress: 0,
        versionId: null,
        problem: null,
        found: null,
        createdAt: new Date(),
        finishedAt: null,
        createdById: actorId,
      })
      await manager.insert(Import, row)
      await this.say(manager, row)
      return row
    })
    this.enqueue(wanted.id)
    return wanted
  }

  /** Ends an import; one that has ended stays as it is. */
  async cancel(id: string): Promise<Import> {
    const row = await this.services.database.transaction(async (manager) => {
      const locked = await manager.findOne(Import, { where: { id }, lock: { mode: 'pessimistic_write' } })
      if (!locked) throw notFound('import', id)
      return unfinished.includes(locked.state) ? this.finish(manager, locked, { state: 'CANCELLED' }) : locked
    })
    this.running.get(id)?.abort()
    return row
  }

  private enqueue(id: string): void {
    this.queue = this.queue.then(() => this.run(id))
  }

  private async run(id: string): Promise<void> {
    if (this.stopping) return
    const controller = new AbortController()
    this.running.set(id, controller)
    try {
      const row = await this.begin(id)
      if (row) await this.complete(row, await this.work(row, controller.signal))
    } catch (error) {
      if (!controller.signal.aborted) await this.fail(id, error)
    } finally {
      this.running.delete(id)
    }
  }

  private begin(id: string): Promise<Import | undefined> {
    return this.services.database.transaction(async (manager) => {
      const row = await this.lockUnfinished(manager, id)
      if (!row || row.state === 'RUNNING') return row
      await this.change(manager, row, { state: 'RUNNING' })
      return row
    })
  }

  private async work(row: Import, signal: AbortSignal): Promise<ImportOutcome> {
    const { database, blobs, bus, uploads } = this.services
    let saidAt = 0
    return importArchive({
      path: join(uploads, row.uploadId),
      labels: await readLabels(database.manager),
      policy: row.policy,
      blobs,
      signal,
      transaction: (work) => database.transaction(work),
      onProgress: (progress, assetCount) => {
        if (Date.now() - saidAt < progressEveryMs) return
        saidAt = Date.now()
        const { projectId, id: importId } = row
        bus.telemetry(ImportProgressedSchema, {
          projectId,
          importId,
          progress,
          assetCount: BigInt(assetCount),
        })
        void database.manager
          .update(Import, { id: importId, state: 'RUNNING' }, { progress })
          .catch(() => undefined) // shown only
      },
    })
  }

  /** The one transaction in which an import becomes a version, or nothing. */
  private async complete({ id }: Import, { report, refusal, serials, labels }: ImportOutcome): Promise<void> {
    const { database, bus } = this.services
    await database.transaction(async (manager) => {
      const row = await this.lockUnfinished(manager, id)
      if (!row) return // cancelled meanwhile
      if (refusal !== undefined || !serials) {
        await this.finish(manager, row, { state: 'REFUSED', problem: refusal, found: report })
        return
      }
      await adoptLabels(manager, labels)
      const dataset = await manager.findOneOrFail(Dataset, {
        where: { id: row.datasetId },
        lock: { mode: 'pessimistic_write' },
      })
      const version = await createVersion(manager, bus, {
        dataset,
        operation: 'IMPORT',
        parameters: { ...row.policy, importId: id },
        parents: [],
        serials: SerialSet.of(serials),
        actorId: row.createdById,
      })
      await this.finish(manager, row, {
        state: 'SUCCEEDED',
        progress: 1,
        versionId: version.id,
        found: report,
      })
    })
  }

  private async fail(id: string, error: unknown): Promise<void> {
    log.error(`import ${id} failed`, error)
    const problem = `the import failed inside, not because of the archive; try again, or look into the log: ${String(error)}`
    await this.services.database
      .transaction(async (manager) => {
        const row = await this.lockUnfinished(manager, id)
        if (row) await this.finish(manager, row, { state: 'FAILED', problem })
      })
      .catch((second: unknown) => log.error(`import ${id} stays RUNNING until the next start`, second))
  }

  private async lockUnfinished(manager: EntityManager, id: string): Promise<Import | undefined> {
    const row = await manager.findOne(Import, { where: { id }, lock: { mode: 'pessimistic_write' } })
    return row && unfinished.includes(row.state) ? row : undefined
  }

  private finish(
    manager: EntityManager,
    row: Import,
    end: Partial<Import> & Pick<Import, 'state'>,
  ): Promise<Import> {
    return this.change(manager, row, { ...end, finishedAt: new Date() })
  }

  private async change(manager: EntityManager, row: Import, to: Partial<Import>): Promise<Import> {
    Object.assign(row, to)
    await manager.save(Import, row)
    await this.say(manager, row)
    return row
  }

  private async say(manager: EntityManager, row: Import): Promise<void> {
    await this.services.bus.emit(manager, ImportStateChangedSchema, {
      projectId: row.projectId,
      importId: row.id,
      datasetId: row.datasetId,
      state: row.state,
      versionId: row.versionId ?? '',
      problem: row.problem ?? '',
      actorId: row.createdById,
    })
  }
}
