import { setTimeout as delay } from 'node:timers/promises'
import { fromJson, type JsonValue, toJson } from '@bufbuild/protobuf'
import { type Blobs, BlobMissing, readJsonLines } from '@ymir/blobs'
import type { Bus, Occurrence } from '@ymir/bus'
import { DomainError } from '@ymir/graphql'
import {
  DatasetVersionFailedSchema,
  type DatasetVersionRequested,
  DatasetVersionRequestedSchema,
} from '@ymir/proto-events'
import { log } from '@ymir/service'
import type { DataSource, EntityManager } from 'typeorm'
import { continueDataset, openDataset } from '../dataset/dataset.store.ts'
import { Project } from '../project/project.entity.ts'
import type { LabelledAsset } from './labelled.ts'
import { makeVersion } from './make.ts'
import { MergeConflicts } from './merge.ts'
import { parentsOf, type Work } from './operation.ts'
import { DatasetVersion } from './version.entity.ts'
import { isUuid, readVersion } from './version.store.ts'

const attemptsAtMost = 6
const firstBackOffMs = 250

/**
 * Versions that other services ask for by event. A request is a row until its version is there or has failed, so that it
 * survives the process; a version is made once for its id, however often it is asked for.
 */
export class VersionRequests {
  private queue: Promise<void> = Promise.resolve()
  private readonly stopping = new AbortController()

  constructor(private readonly services: { database: DataSource; bus: Bus; blobs: Blobs }) {}

  /** Tells the bus what to do with requests; before the bus starts. */
  listen(): void {
    this.services.bus.handle(DatasetVersionRequestedSchema, (event, occurrence) =>
      this.accept(event, occurrence),
    )
  }

  /** Goes on with what was asked for before the process ended. */
  async start(): Promise<void> {
    const rows: { version_id: string }[] = await this.services.database.query(
      'select version_id from version_requests order by created_at',
    )
    for (const row of rows) this.enqueue(row.version_id)
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    await this.queue
  }

  private async accept(event: DatasetVersionRequested, { manager, afterCommit }: Occurrence): Promise<void> {
    const { versionId, projectId } = event
    if (![versionId, projectId].every(isUuid))
      return log.error(
        `ignored a request for dataset version "${versionId}" of project "${projectId}": these are no ids`,
      )
    const rows: unknown[] = await manager.query(
      `insert into version_requests (version_id, request, created_at)
       select $1, $2, now() where not exists (select from dataset_versions where id = $1)
       on conflict do nothing returning version_id`,
      [versionId, JSON.stringify(toJson(DatasetVersionRequestedSchema, event))],
    )
    if (rows.length > 0) afterCommit(() => this.enqueue(versionId))
  }

  private enqueue(versionId: string): void {
    this.queue = this.queue.then(() => this.fulfil(versionId))
  }

  private async fulfil(versionId: string): Promise<void> {
    const { signal } = this.stopping
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        return await this.attempt(versionId)
      } catch (error) {
        if (error instanceof DomainError) return this.giveUp(versionId, error)
        log.error(`dataset version ${versionId} could not be made`, error, { attempt })
        if (attempt === attemptsAtMost)
          return this.giveUp(
            versionId,
            new DomainError('INTERNAL', `failed ${attempt} times: ${String(error)}`),
          )
        await delay(firstBackOffMs * 2 ** attempt, undefined, { signal }).catch(() => undefined)
      }
    }
  }

  private attempt(versionId: string): Promise<void> {
    return this.services.database.transaction(async (manager) => {
      const request = await takeRequest(manager, versionId)
      if (!request || (await manager.existsBy(DatasetVersion, { id: versionId }))) return
      const { projectId, datasetId, datasetName, actorId } = request
      if (!(await manager.existsBy(Project, { id: projectId })))
        throw new DomainError('NOT_FOUND', `there is no project ${projectId}`)
      const work = await this.workOf(request)
      await checkProject(manager, work, projectId)
      const dataset = datasetId
        ? await openDataset(manager, projectId, { datasetId })
        : await continueDataset(manager, projectId, datasetName)
      await makeVersion(manager, { bus: this.services.bus, dataset, work, actorId, id: versionId })
    })
  }

  private giveUp(versionId: string, error: DomainError): Promise<void> {
    return this.services.database
      .transaction(async (manager) => {
        const request = await takeRequest(manager, versionId)
        if (!request) return
        await this.services.bus.emit(manager, DatasetVersionFailedSchema, {
          projectId: request.projectId,
          versionId,
          code: error.code,
          problem: error.message,
        })
      })
      .catch((second: unknown) =>
        log.error(`dataset version ${versionId} will be tried at the next start`, second),
      )
  }

  private async workOf({ operation }: DatasetVersionRequested): Promise<Work> {
    const { blobs } = this.services
    switch (operation.case) {
      case 'merge': {
        const { versionIds, conflicts } = operation.value
        return { operation: 'MERGE', versionIds, conflicts: conflictsOf(conflicts) }
      }
      case 'exclude':
        return { ...operation.value, operation: 'EXCLUDE' }
      case 'take': {
        const { versionId, assetIds } = operation.value
        const bytes = await blobs.get(blobOf(assetIds?.sha256)).catch(asMissing)
        return { operation: 'TAKE', versionId, assetIds: bytes.toString().split(/\s+/).filter(Boolean) }
      }
      case 'labelled': {
        const { versionId, annotations, labellingTaskId } = operation.value
        const sha256 = blobOf(annotations?.sha256)
        if (!(await blobs.has(sha256))) throw asMissing(new BlobMissing(sha256))
        const labelled = readJsonLines<LabelledAsset>(blobs.read(sha256))
        return { operation: 'LABELLED', versionId, labelled, labellingTaskId }
      }
      default:
        throw new DomainError('BAD_USER_INPUT', 'the request names no operation')
    }
  }
}

/** The request, deleted when the transaction commits; undefined when it is done already. */
async function takeRequest(
  manager: EntityManager,
  versionId: string,
): Promise<DatasetVersionRequested | undefined> {
  const [rows]: [{ request: JsonValue }[], number] = await manager.query(
    'delete from version_requests where version_id = $1 returning request',
    [versionId],
  )
  return rows[0] && fromJson(DatasetVersionRequestedSchema, rows[0].request)
}

/** A request may only touch its own project: its sender checked the person's role there and nowhere else. */
async function checkProject(manager: EntityManager, work: Work, projectId: string): Promise<void> {
  if (parentsOf(work).length === 0) throw new DomainError('BAD_USER_INPUT', 'the request names no version')
  for (const id of parentsOf(work)) {
    const version = await readVersion(manager, id)
    if (version.projectId !== projectId)
      throw new DomainError('FORBIDDEN', `dataset version ${id} belongs to another project than ${projectId}`)
  }
}

function conflictsOf(text: string): MergeConflicts {
  if (text in MergeConflicts) return text as MergeConflicts // one of its keys
  throw new DomainError('BAD_USER_INPUT', `"${text}" is no way to settle conflicts`)
}

function blobOf(sha256: string | undefined): string {
  if (sha256) return sha256
  throw new DomainError('BAD_USER_INPUT', 'the request names no blob')
}

function asMissing(error: unknown): never {
  if (error instanceof BlobMissing) throw new DomainError('NOT_FOUND', error.message)
  throw error
}
