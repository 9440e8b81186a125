import { type Blobs, readJsonLines, writeJsonLines } from '@ymir/blobs'
import type { Bus } from '@ymir/bus'
import type { GraphClient } from '@ymir/graphql'
import { DatasetVersionRequestedSchema } from '@ymir/proto-events'
import { Chore, forEachEvenIfSomeFail } from '@ymir/service'
import type { DataSource, EntityManager } from 'typeorm'
import type { ScoredAsset } from '../strategy/choose.ts'
import type { Duplicate } from '../strategy/duplicates.ts'
import { strategies } from '../strategy/strategies.ts'
import { chooseBatch, type Chosen } from './batch.ts'
import { CannotChoose } from './cannot-choose.ts'
import { readExcluded } from './excluded.ts'
import { Fingerprints } from './fingerprints.ts'
import { MinedDuplicateRow } from './mined-duplicate.entity.ts'
import { MiningChunkRow } from './mining-chunk.entity.ts'
import { MinedAssetRow, MiningTaskRow } from './mining-task.entity.ts'
import { endMining, sayState } from './mining-task.ts'
import { knowledgeOfModel } from './model-knowledge.ts'
import { withLooks } from './looks.ts'
import { perceptualHashesOf } from './perceptual-hashes.ts'
import { type Pool, rankingBy } from './ranking.ts'
import { type Reason, reasonOf } from './reason.ts'
import { imageRuleOf, termsOf } from './settings.ts'
import type { ToldAsset } from './told-asset.ts'
import { ToldAssets } from './told-assets.ts'

interface Parts {
  readonly database: DataSource
  readonly bus: Bus
  readonly graph: GraphClient
  readonly blobs: Blobs
}

/** A batch, with the reasons. */
interface Mined {
  readonly chosen: readonly (Chosen & { readonly reason: Reason })[]
  readonly duplicates: readonly Duplicate[]
}

/** A line of what the model found in an asset. */
interface Prediction {
  readonly assetId: string
  readonly annotations: readonly { readonly label: string }[]
}

/** Centres that a batch keeps away from; more would take minutes. */
const mostLabelled = 2_000
/** Rows of one statement. */
const rowsAtOnce = 5_000

/**
 * Turns what finished mining jobs left into dataset versions. All of it lies in the rows of the chunks, so a selection that
 * was cut off begins again after a restart.
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
    const chunks = await this.parts.database.manager.find(MiningChunkRow, {
      where: { miningTaskId: task.id },
      order: { number: 'ASC' },
    })
    const mined = await this.choose(task, chunks).catch((error: unknown) => {
      // RangeError: what the image told does not hang together, such as embeddings of different lengths
      if (error instanceof CannotChoose || error instanceof RangeError) return error
      throw error
    })
    if (mined instanceof Error) return this.fail(task.id, mined.message)
    if (!mined.chosen.length) return this.fail(task.id, nothingLeft(mined, task))
    await this.take(task, chunks, mined)
  }

  private async choose(task: MiningTaskRow, chunks: readonly MiningChunkRow[]): Promise<Mined> {
    const { database, graph, blobs } = this.parts
    const { seed, topK, budgetBoxes, minShare, stageId, versionId } = task
    const { classes } = task.jobRequest.stage
    const terms = termsOf(task)
    const names = terms.map(({ strategy }) => strategy)
    const excluded = await readExcluded(task, { graph, blobs, manager: database.manager })
    const excludedIds = new Set(excluded.flatMap(({ assetIds }) => assetIds))
    const scores = () => this.linesOf<ScoredAsset>(chunks.map(({ scoresSha256 }) => scoresSha256))
    const told = new ToldAssets(this.detailsOf(task, chunks, scores), excludedIds)
    const knowledge = {
      ...{
        seed,
        imageRule: imageRuleOf(task),
        labelled: (await told.embeddingsOfExcluded()).slice(0, mostLabelled),
      },
      ...(await knowledgeOfModel(graph, stageId, classes, names)),
    }
    const pool = {
      scores,
      details: told.lines,
      isExcluded: (assetId: string) => excludedIds.has(assetId),
    }
    const wanted = {
      budget: { images: topK, ...(budgetBoxes !== null && { boxes: budgetBoxes }) },
      ...{ minShare, duplicates: task.duplicateLimits },
    }
    const fingerprints = new Fingerprints(graph, told, versionId, excluded)
    const { chosen, duplicates } = await chooseBatch(rankingBy(terms, pool, knowledge), wanted, {
      labelsOf: this.labelsOf(chunks),
      fingerprintsOf: (assetIds) => fingerprints.of(assetIds),
      given: () => fingerprints.given(),
    })
    const assets = await told.of(chosen.map(({ assetId }) => assetId))
    const reason = (one: Chosen) => reasonOf(one, assets.get(one.assetId), knowledge, classes)
    return { duplicates, chosen: chosen.map((one) => ({ ...one, reason: reason(one) })) }
  }

  /** What the image told, undefined where it told nothing; where embeddings are all that is needed, looks do as well. */
  private detailsOf(
    task: MiningTaskRow,
    chunks: readonly MiningChunkRow[],
    scores: Pool['scores'],
  ): Pool['details'] {
    const blobs = chunks.map(({ detailsSha256 }) => detailsSha256)
    const details = blobs.includes(null) ? undefined : () => this.linesOf<ToldAsset>(blobs)
    const needs = termsOf(task).flatMap(({ strategy }) => strategies[strategy].needs)
    if (!needs.length || needs.some((need) => need !== 'EMBEDDINGS')) return details
    return withLooks({ scores, details }, (assetIds) =>
      perceptualHashesOf(this.parts.graph, task.versionId, assetIds),
    )
  }

  private async take(
    task: MiningTaskRow,
    chunks: readonly MiningChunkRow[],
    { chosen, duplicates }: Mined,
  ): Promise<void> {
    const { database, bus, blobs } = this.parts
    const miningTaskId = task.id
    const assetIds = chosen.map(({ assetId }) => assetId)
    const list = await blobs.put(Buffer.from(assetIds.map((assetId) => `${assetId}\n`).join('')))
    const predictions = task.annotate
      ? await writeJsonLines(blobs, this.predictionsOf<{ assetId: string }>(chunks, assetIds))
      : null

    await database.transaction(async (manager) => {
      const current = await lockMining(manager, task.id)
      if (!current) return
      const mined = chosen.map(({ assetId, score, reason }, index) => ({
        ...{ miningTaskId, rank: index + 1, assetId, score, reason },
      }))
      for (const some of someOf(mined)) await manager.insert(MinedAssetRow, some)
      const leftOut = duplicates.map(({ assetId, of, by }, index) => ({
        ...{ miningTaskId, number: index + 1, assetId, ofAssetId: of, likeness: by },
      }))
      for (const some of someOf(leftOut)) await manager.insert(MinedDuplicateRow, some)
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

  private async fail(taskId: string, problem: string): Promise<void> {
    const { database, bus } = this.parts
    await database.transaction(async (manager) => {
      const task = await lockMining(manager, taskId)
      if (task) await endMining(manager, bus, task, 'FAILED', problem)
    })
  }

  /** Gives the class of each box that the model found in assets; what was read once is held. */
  private labelsOf(chunks: readonly MiningChunkRow[]) {
    const held = new Map<string, readonly string[]>()
    return async (assetIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> => {
      const unknown = assetIds.filter((assetId) => !held.has(assetId))
      if (unknown.length === 0) return held
      for (const assetId of unknown) held.set(assetId, [])
      const lines = this.predictionsOf<Prediction>(chunks, unknown)
      for await (const { assetId, annotations } of lines)
        held.set(
          assetId,
          annotations.map(({ label }) => label),
        )
      return held
    }
  }

  private async *predictionsOf<Line extends { readonly assetId: string }>(
    chunks: readonly MiningChunkRow[],
    assetIds: readonly string[],
  ): AsyncGenerator<Line> {
    const wanted = new Set(assetIds)
    const lines = this.linesOf<Line>(chunks.map(({ predictionsSha256 }) => predictionsSha256))
    for await (const line of lines) if (wanted.has(line.assetId)) yield line
  }

  /** One blob after the other, a line at a time: however many assets there are. */
  private async *linesOf<Line>(blobsOfChunks: readonly (string | null)[]): AsyncGenerator<Line> {
    for (const sha256 of blobsOfChunks) if (sha256) yield* readJsonLines<Line>(this.parts.blobs.read(sha256))
  }
}

function nothingLeft({ duplicates }: Mined, { budgetBoxes }: MiningTaskRow): string {
  if (duplicates.length > 0)
    return `nothing is left to mine: what is not excluded repeats it (${duplicates.length} looked at); mine with deduplicate: false, or another version`
  if (budgetBoxes !== null)
    return `nothing is left to mine within ${budgetBoxes} boxes: give more, or exclude less`
  return 'nothing is left to mine: every asset is excluded'
}

function* someOf<Row>(rows: readonly Row[]): Generator<Row[]> {
  for (let from = 0; from < rows.length; from += rowsAtOnce) yield rows.slice(from, from + rowsAtOnce)
}

/** Undefined when it was cancelled meanwhile. */
async function lockMining(manager: EntityManager, id: string): Promise<MiningTaskRow | undefined> {
  const task = await manager.findOne(MiningTaskRow, { where: { id }, lock: { mode: 'pessimistic_write' } })
  return task?.state === 'MINING' ? task : undefined
}
