import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { type Blobs, findUpload, UploadMissing } from '@ymir/blobs'
import type { Bus } from '@ymir/bus'
import { DomainError, notFound } from '@ymir/graphql'
import { ImportProgressedSchema, ImportStateChangedSchema } from '@ymir/proto-events'
import { log } from '@ymir/service'
import { type DataSource, type EntityManager, In } from 'typeorm'
import { Dataset } from '../dataset/dataset.entity.ts'
import { openDataset, type Target } from '../dataset/dataset.store.ts'
import type { FormatName } from '../format/format.ts'
import { adoptLabels } from '../label/label.store.ts'
import { SerialSet } from '../page/serial-set.ts'
import { storePredictionSet } from '../prediction/prediction.store.ts'
import { createVersion, readContent } from '../version/version.store.ts'
import { type Advance, progressOf } from './advance.ts'
import { dropBatches } from './batch.store.ts'
import { Import } from './import.entity.ts'
import type { ImportPolicy, ImportState } from './policy.ts'
import { respell } from './respell.ts'
import { downloadPath, importFiles, type ImportOutcome, ImportEnded } from './run.ts'
import { findServerPath } from './server-path.ts'
import type { ImportSettings } from './settings.ts'
import type { ImportSource } from './source.ts'

export interface ImportRequest {
  readonly projectId: string
  readonly target: Target
  readonly source: ImportSource
  readonly policy: ImportPolicy
  /** Instead of what is recognised. */
  readonly format?: FormatName | null
  readonly actorId: string
}

interface ImportServices {
  readonly database: DataSource
  readonly bus: Bus
  readonly blobs: Blobs
  readonly uploads: string
}

const unfinished: ImportState[] = ['QUEUED', 'RUNNING']
const progressEveryMs = 200
const atOnce = 2

/**
 * The imports of the platform, run in the background, two at a time in the order in which they were asked for. An import
 * that was running when the process died goes on behind the last batch that it stored.
 */
export class Imports {
  private readonly running = new Map<string, AbortController>()
  private readonly waiting: string[] = []
  private readonly lanes = new Set<Promise<void>>()
  private readonly listeners: (() => void)[] = []
  private stopping = false

  constructor(
    private readonly services: ImportServices,
    readonly settings: ImportSettings,
  ) {}

  /** Tells after each import that it has ended, however. */
  whenEnded(listener: () => void): void {
    this.listeners.push(listener)
  }

  /** Goes on with what was unfinished when the process ended. */
  async start(): Promise<void> {
    const left = await this.services.database.manager.find(Import, {
      where: { state: In(unfinished) },
      order: { createdAt: 'ASC' },
    })
    for (const { id } of left) this.enqueue(id)
  }

  /** Ends where it is; the imports go on with the next start. */
  async stop(): Promise<void> {
    this.stopping = true
    for (const controller of this.running.values()) controller.abort()
    await this.idle()
  }

  /** When nothing is left to do. */
  async idle(): Promise<void> {
    while (this.lanes.size) await Promise.all(this.lanes)
  }

  /**
   * Finds what an import is to be made of.
   * @throws DomainError when it is not there, or not for this user; whether a version may be read is asked by the caller
   */
  async findSource(source: ImportSource, userId: string): Promise<ImportSource> {
    if (source.kind === 'UPLOAD')
      await findUpload(this.services.uploads, source.uploadId, userId).catch(asDomainError)
    if (source.kind !== 'PATH') return source
    return { kind: 'PATH', path: await findServerPath(source.path, this.settings.roots) }
  }

  async request({ projectId, target, actorId, ...wanted }: ImportRequest): Promise<Import> {
    const made = await this.services.database.transaction(async (manager) => {
      const dataset = await openDataset(manager, projectId, target)
      const row = manager.create(Import, {
        ...{ id: randomUUID(), projectId, datasetId: dataset.id, createdById: actorId },
        source: wanted.source,
        policy: wanted.policy,
        format: wanted.format ?? null,
        ...{ state: 'QUEUED', progress: 0, advance: null },
        ...{ versionId: null, problem: null, found: null },
        ...{ createdAt: new Date(), finishedAt: null },
      })
      await manager.insert(Import, { ...row })
      await this.say(manager, row)
      return row
    })
    this.enqueue(made.id)
    return made
  }

  /** Ends an import; one that has ended stays as it is. */
  async cancel(id: string): Promise<Import> {
    this.running.get(id)?.abort()
    return this.services.database.transaction(async (manager) => {
      const locked = await manager.findOne(Import, { where: { id }, lock: { mode: 'pessimistic_write' } })
      if (!locked) throw notFound('import', id)
      return unfinished.includes(locked.state) ? this.finish(manager, locked, { state: 'CANCELLED' }) : locked
    })
  }

  private enqueue(id: string): void {
    this.waiting.push(id)
    if (this.lanes.size === atOnce) return
    const lane = this.runWaiting().finally(() => this.lanes.delete(lane))
    this.lanes.add(lane)
  }

  private async runWaiting(): Promise<void> {
    for (let id = this.waiting.shift(); id !== undefined; id = this.waiting.shift()) await this.run(id)
  }

  private async run(id: string): Promise<void> {
    if (this.stopping) return
    const controller = new AbortController()
    this.running.set(id, controller)
    try {
      const row = await this.begin(id)
      if (row?.source.kind === 'VERSION') await this.copy(row, row.source.versionId)
      else if (row) await this.complete(row, await this.work(row, controller.signal))
    } catch (error) {
      if (!controller.signal.aborted && !(error instanceof ImportEnded)) await this.fail(id, error)
    } finally {
      this.running.delete(id)
      if (!this.stopping) await rm(downloadPath(this.settings, id), { force: true })
      for (const tell of this.listeners) tell()
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

  private work(row: Import, signal: AbortSignal): Promise<ImportOutcome> {
    const { database, blobs, uploads } = this.services
    const { settings } = this
    let saidAt = 0
    let isShowing = false // it waits while a batch is stored
    const onAdvance = (advance: Advance) => {
      if (isShowing || Date.now() - saidAt < progressEveryMs) return
      saidAt = Date.now()
      isShowing = true
      void this.show(row, advance).finally(() => (isShowing = false))
    }
    return importFiles({ row, manager: database.manager, blobs, uploads, settings, signal, onAdvance })
  }

  /** Progress is shown only: nothing depends on it. */
  private async show({ id, projectId, source }: Import, advance: Advance): Promise<void> {
    const { database, bus } = this.services
    const progress = progressOf(advance, { isFetched: source.kind === 'URL' })
    const assetCount = BigInt(advance.doneImages)
    bus.telemetry(ImportProgressedSchema, { projectId, importId: id, progress, assetCount })
    await database
      .query(`update imports set progress = $2, advance = $3 where id = $1 and state = 'RUNNING'`, [
        ...[id, progress, advance],
      ])
      .catch(() => undefined)
  }

  /** The one transaction in which an import becomes a version, or nothing. */
  private async complete({ id }: Import, outcome: ImportOutcome): Promise<void> {
    const { database, bus } = this.services
    const { report } = outcome
    await database.transaction(async (manager) => {
      const row = await this.lockUnfinished(manager, id)
      if (!row) return // cancelled meanwhile
      if ('refusal' in outcome) {
        await this.finish(manager, row, { state: 'REFUSED', problem: outcome.refusal, found: report })
        return
      }
      const own = await adoptLabels(manager, outcome.labels)
      const renamed = outcome.labels.flatMap((name, index) =>
        name === own[index] ? [] : ([[name, own[index]!]] as const),
      )
      const version = await createVersion(manager, bus, {
        dataset: await lockDataset(manager, row.datasetId),
        operation: 'IMPORT',
        parameters: { ...row.policy, importId: id, ...(report.format ? { format: report.format } : {}) },
        parents: [],
        serials: SerialSet.of(await respell(manager, outcome.serials, new Map(renamed))),
        actorId: row.createdById,
      })
      const versionId = version.id
      if (outcome.predictions)
        await storePredictionSet(manager, outcome.predictions, {
          versionId,
          sourceKind: 'IMPORT',
          sourceId: id,
        })
      await this.finish(manager, row, { state: 'SUCCEEDED', progress: 1, versionId, found: report })
    })
  }

  /** A copy of a version has the version's pages: nothing is read or written but a row. */
  private async copy({ id }: Import, versionId: string): Promise<void> {
    const { database, bus } = this.services
    await database.transaction(async (manager) => {
      const row = await this.lockUnfinished(manager, id)
      if (!row) return // cancelled meanwhile
      const original = await readContent(manager, versionId)
      const version = await createVersion(manager, bus, {
        dataset: await lockDataset(manager, row.datasetId),
        operation: 'IMPORT',
        parameters: { importId: id, versionId },
        parents: [original],
        serials: original.serials,
        actorId: row.createdById,
      })
      await this.finish(manager, row, { state: 'SUCCEEDED', progress: 1, versionId: version.id })
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

  private async finish(
    manager: EntityManager,
    row: Import,
    end: Partial<Import> & Pick<Import, 'state'>,
  ): Promise<Import> {
    await dropBatches(manager, row.id)
    return this.change(manager, row, { ...end, advance: null, finishedAt: new Date() })
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

function lockDataset(manager: EntityManager, id: string): Promise<Dataset> {
  return manager.findOneOrFail(Dataset, { where: { id }, lock: { mode: 'pessimistic_write' } })
}

function asDomainError(error: unknown): never {
  if (error instanceof UploadMissing) throw new DomainError(error.code, error.message, { field: 'uploadId' })
  throw error
}
