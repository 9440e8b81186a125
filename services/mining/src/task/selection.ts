import { readJsonLines, writeJsonLines, type Blobs } from '@ymir/blobs'
import type { Bus } from '@ymir/bus'
import { DomainError, type GraphClient } from '@ymir/graphql'
import { DatasetVersionRequestedSchema } from '@ymir/proto-events'
import { Chore, forEachEvenIfSomeFail } from '@ymir/service'
import type { DataSource, EntityManager } from 'typeorm'
import { chooseHighest, type ScoredAsset } from '../strategy/choose.ts'
import { CannotChoose, chooseByDetails, isByDetails, tooLittle, type ToldAsset } from './choose-by-details.ts'
import { MiningChunkRow } from './mining-chunk.entity.ts'
import { MinedAssetRow, MiningTaskRow } from './mining-task.entity.ts'
import { endMining, sayState } from './mining-task.ts'

const manifestQuery = /* GraphQL */ `
  query ManifestToExclude($versionId: ID!) {
    datasetVersion(id: $versionId) {
      manifest {
        sha256
      }
    }
  }
`

interface Parts {
  readonly database: DataSource
  readonly bus: Bus
  readonly graph: GraphClient
  readonly blobs: Blobs
}

/**
 * Turns the scores of finished mining jobs into dataset versions. The scores lie in the rows of the chunks, so a selection that
 * was cut off begins again after a restart, and gives the same assets.
 */
export class Selection {
  private readonly chore = new Chore('choosing mined assets', () => this.selectWaiting())
  readonly look = this.chore.look
  readonly stop = this.chore.stop

  constructor(private readonly parts: Parts) {}

  private async selectWaiting(): Promise<void> {
    const tasks = this.parts.database.getRepository(MiningTaskRow)
    const waiting = await tasks
      .createQueryBuilder('task')
      .where("task.state = 'MINING' and task.chunksDone = task.chunkCount")
      .getMany()
    await forEachEvenIfSomeFail(waiting, (task) => this.select(task))
  }

  private async select(task: MiningTaskRow): Promise<void> {
    const { database, bus, blobs } = this.parts
    const chunks = await database.manager.find(MiningChunkRow, {
      where: { miningTaskId: task.id },
      order: { number: 'ASC' },
    })
    const excluded = await this.excludedAssets(task)
    const chosen = await this.choose(task, chunks, excluded).catch((error: unknown) => {
      if (error instanceof CannotChoose) return error
      throw error
    })
    if (chosen instanceof CannotChoose) return this.fail(task.id, chosen.message)
    if (!chosen.length) return this.fail(task.id, 'nothing is left to mine: every asset is excluded')
    const assetIds = chosen.map(({ assetId }) => assetId)
    const list = await blobs.put(Buffer.from(assetIds.map((assetId) => `${assetId}\n`).join('')))
    const predictions = task.annotate
      ? await this.predictionsOf(
          chunks.map(({ predictionsSha256 }) => predictionsSha256),
          assetIds,
        )
      : null

    await database.transaction(async (manager) => {
      const current = await lockMining(manager, task.id)
      if (!current) return
      await manager.insert(
        MinedAssetRow,
        chosen.map(({ assetId, score }, index) => ({
          miningTaskId: task.id,
          rank: index + 1,
          assetId,
          score,
        })),
      )
      Object.assign(current, { state: 'TAKING', topK: chosen.length, minedPredictions: predictions })
      await manager.save(current)
      await sayState(manager, bus, current)
      await bus.emit(manager, DatasetVersionRequestedSchema, {
        projectId: task.projectId,
        versionId: task.resultVersionId,
        datasetName: task.resultDatasetName,
        operation: {
          case: 'take',
          value: { versionId: task.versionId, assetIds: { sha256: list.sha256, size: BigInt(list.size) } },
        },
        actorId: task.createdBy,
      })
    })
  }

  private choose(
    { strategy, topK, seed, aggregate }: MiningTaskRow,
    chunks: readonly MiningChunkRow[],
    excluded: ReadonlySet<string>,
  ): Promise<ScoredAsset[]> {
    const isExcluded = (assetId: string) => excluded.has(assetId)
    if (!isByDetails(strategy)) {
      const scores = this.linesOf<ScoredAsset>(chunks.map(({ scoresSha256 }) => scoresSha256))
      return chooseHighest(scores, topK, isExcluded)
    }
    const details = chunks.map(({ detailsSha256 }) => detailsSha256)
    if (details.includes(null)) return Promise.reject(tooLittle(strategy, 'no'))
    return chooseByDetails(strategy, this.linesOf<ToldAsset>(details), { topK, seed, aggregate, isExcluded })
  }

  private async fail(taskId: string, problem: string): Promise<void> {
    const { database, bus } = this.parts
    await database.transaction(async (manager) => {
      const task = await lockMining(manager, taskId)
      if (task) await endMining(manager, bus, task, 'FAILED', problem)
    })
  }

  private async excludedAssets(task: MiningTaskRow): Promise<ReadonlySet<string>> {
    const { database, graph, blobs } = this.parts
    const excluded = new Set<string>()
    for (const versionId of task.excludedVersionIds) {
      const answer = await graph.query<{ datasetVersion: { manifest: { sha256: string } } | null }>(
        manifestQuery,
        { versionId },
      )
      if (!answer.datasetVersion)
        throw new DomainError('NOT_FOUND', `there is no dataset version ${versionId} to exclude`)
      const lines = readJsonLines<{ assetId: string }>(blobs.read(answer.datasetVersion.manifest.sha256))
      for await (const { assetId } of lines) excluded.add(assetId)
    }
    if (!task.excludeMined) return excluded
    const mined: { asset_id: string }[] = await database.query(
      `select distinct asset_id from mined_asset join mining_task on id = mining_task_id
        where project_id = $1 and state = 'SUCCEEDED'`,
      [task.projectId],
    )
    for (const { asset_id } of mined) excluded.add(asset_id)
    return excluded
  }

  private predictionsOf(blobsOfChunks: readonly (string | null)[], assetIds: readonly string[]) {
    const wanted = new Set(assetIds)
    const all = this.linesOf<{ assetId: string }>(blobsOfChunks)
    async function* lines() {
      for await (const line of all) if (wanted.has(line.assetId)) yield line
    }
    return writeJsonLines(this.parts.blobs, lines())
  }

  /** One blob after the other, a line at a time: however many assets there are. */
  private async *linesOf<Line>(blobsOfChunks: readonly (string | null)[]): AsyncGenerator<Line> {
    for (const sha256 of blobsOfChunks) if (sha256) yield* readJsonLines<Line>(this.parts.blobs.read(sha256))
  }
}

/** Undefined when it was cancelled meanwhile. */
async function lockMining(manager: EntityManager, id: string): Promise<MiningTaskRow | undefined> {
  const task = await manager.findOne(MiningTaskRow, { where: { id }, lock: { mode: 'pessimistic_write' } })
  return task?.state === 'MINING' ? task : undefined
}
