import { randomUUID } from 'node:crypto'
import type { Bus } from '@ymir/bus'
import type { GraphClient } from '@ymir/graphql'
import { DomainError, notFound } from '@ymir/graphql'
import { JobRequestedSchema, MiningTaskStateChangedSchema, type JobStateChanged } from '@ymir/proto-events'
import type { EntityManager } from 'typeorm'
import type { ClassShare } from '../strategy/budget.ts'
import type { StrategyName } from '../strategy/strategies.ts'
import type { ScoreAggregate } from '../strategy/uncertainty.ts'
import { MiningChunkRow } from './mining-chunk.entity.ts'
import { MiningTaskRow } from './mining-task.entity.ts'
import type { WeightedStrategy } from './ranking.ts'
import { checkSettings, duplicateLimitsOf, parametersOf, termsOf } from './settings.ts'

export type MiningTaskState = 'MINING' | 'TAKING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED'

/** How to mine, apart from where and with what. */
export interface MiningSettings {
  readonly executorImageId: string
  readonly strategy: StrategyName
  /** A hybrid, instead of `strategy`. */
  readonly strategies?: readonly WeightedStrategy[] | null
  readonly aggregate: ScoreAggregate
  /** Boxes that TOP_MEAN counts; left out: the usual number. */
  readonly aggregateCount?: number
  /** Of an image in which nothing is found; left out: 0, the last to be taken. */
  readonly scoreWithoutDetections?: number
  /** How many assets to take, at most. */
  readonly topK: number
  /** How many boxes the model may expect in them, at most; 0, null or left out: any number. */
  readonly budgetBoxes?: number | null
  readonly minShare?: readonly ClassShare[]
  /** Left out: true. What it repeats is taken once; the usual limits where left out. */
  readonly deduplicate?: boolean
  readonly duplicateHashBits?: number
  readonly duplicateEmbeddingDistance?: number
  /** Whether the model also pre-annotates, so that people correct instead of draw. */
  readonly annotate: boolean
  readonly seed: number
  /** 0 or left out: a CPU slot. */
  readonly gpuCount?: number
  /** How many assets a job looks at, about; left out: {@link usualChunkSize}. */
  readonly chunkSize?: number
}

/** What a job's folders, and an image that keeps all of its results in memory, can well take. */
export const usualChunkSize = 10_000
/** Smaller chunks might come out empty, for which assets are dealt by a hash. */
export const leastChunkSize = 100

export interface MiningRequest extends MiningSettings {
  readonly projectId: string
  readonly iterationId: string | null
  /** The assets to choose from. */
  readonly versionId: string
  /** How many assets it has. */
  readonly assetCount: number
  readonly stage: StageToMineWith
  /** Assets of these versions are not taken. */
  readonly excludedVersionIds: readonly string[]
  /** Nor are those that an earlier mining task of the project took. */
  readonly excludeMined: boolean
  readonly resultDatasetName: string
  readonly actorId: string
}

/** A model stage with what a job needs of it. */
export interface StageToMineWith {
  readonly id: string
  readonly name: string
  readonly classes: readonly string[]
  readonly files: readonly { readonly name: string; readonly sha256: string; readonly size: number }[]
}

const stageQuery = /* GraphQL */ `
  query StageToMineWith($stageId: ID!) {
    modelStage(id: $stageId) {
      id
      name
      files {
        name
        sha256
        size
      }
      model {
        classes
        project {
          id
        }
        trainingVersion {
          id
        }
      }
    }
  }
`

interface StageAnswer {
  modelStage:
    | (Omit<StageToMineWith, 'classes'> & {
        model: { classes: string[]; project: { id: string }; trainingVersion: { id: string } | null }
      })
    | null
}

/**
 * Reads a stage of a model of this project from the graph, and whether the set that it was trained on is there.
 * @throws DomainError NOT_FOUND
 */
export async function readStage(
  graph: GraphClient,
  projectId: string,
  stageId: string,
): Promise<{ stage: StageToMineWith; isTrainingKnown: boolean }> {
  const { modelStage } = await graph.query<StageAnswer>(stageQuery, { stageId })
  if (modelStage?.model.project.id !== projectId) throw notFound('model stage in this project', stageId)
  const { id, name, files, model } = modelStage
  return {
    stage: { id, name, files, classes: model.classes },
    isTrainingKnown: model.trainingVersion !== null,
  }
}

/** What the jobs of all chunks have in common. */
export interface JobOfChunk {
  readonly kinds: readonly string[]
  readonly parameters: Readonly<Record<string, unknown>>
  readonly gpuCount: number
  readonly stage: StageToMineWith
}

/** Records the task and asks the executor for its job, in the caller's transaction. */
export async function startMining(
  manager: EntityManager,
  bus: Bus,
  request: MiningRequest,
): Promise<MiningTaskRow> {
  if (!request.stage.files.length)
    throw new DomainError(
      'CONFLICT',
      `stage ${request.stage.id} has no files: choose another stage of the model`,
    )
  const { stage, actorId, gpuCount = 0, chunkSize = usualChunkSize, assetCount, ...settings } = request
  checkSettings(request, stage.classes)
  const task = await manager.save(
    manager.create(MiningTaskRow, {
      ...settings,
      strategy: termsOf(settings)[0]?.strategy ?? settings.strategy,
      strategies: settings.strategies ?? [],
      budgetBoxes: settings.budgetBoxes || null,
      minShare: settings.minShare ?? [],
      duplicateLimits: duplicateLimitsOf(request),
      excludedVersionIds: [...settings.excludedVersionIds],
      id: randomUUID(),
      jobId: randomUUID(),
      jobRequest: {
        kinds: settings.annotate ? ['MINING', 'INFERENCE'] : ['MINING'],
        parameters: parametersOf(request),
        gpuCount,
        stage,
      },
      chunkCount: Math.max(1, Math.ceil(assetCount / Math.max(leastChunkSize, chunkSize))),
      chunksDone: 0,
      stageId: stage.id,
      state: 'MINING',
      resultVersionId: randomUUID(),
      createdBy: actorId,
    }),
  )
  await requestChunk(manager, bus, task)
  await sayState(manager, bus, task)
  return task
}

/** Asks the executor to score the next chunk. The seed deals the assets, so that they are the same in every attempt. */
async function requestChunk(manager: EntityManager, bus: Bus, task: MiningTaskRow): Promise<void> {
  const { kinds, parameters, gpuCount, stage } = task.jobRequest
  const number = task.chunksDone
  await manager.insert(MiningChunkRow, { miningTaskId: task.id, number, jobId: task.jobId })
  await bus.emit(manager, JobRequestedSchema, {
    projectId: task.projectId,
    jobId: task.jobId,
    executorImageId: task.executorImageId,
    kinds: [...kinds],
    classNames: [...stage.classes],
    parametersJson: JSON.stringify(parameters),
    gpuCount,
    candidateVersionId: task.versionId,
    candidateChunk: task.chunkCount > 1 ? { seed: task.seed, count: task.chunkCount, number } : undefined,
    stageName: stage.name,
    stageFiles: stage.files.map(({ name, sha256, size }) => ({ name, blob: { sha256, size: BigInt(size) } })),
    actorId: task.createdBy,
  })
}

/** Ends a task that has not ended; says so. Returns whether it did. */
export async function endMining(
  manager: EntityManager,
  bus: Bus,
  task: MiningTaskRow,
  state: 'SUCCEEDED' | 'FAILED' | 'CANCELLED',
  problem: string | null = null,
): Promise<boolean> {
  if (hasEnded(task)) return false
  Object.assign(task, { state, problem, finishedAt: new Date() })
  await manager.save(task)
  await sayState(manager, bus, task)
  return true
}

export function hasEnded({ state }: Pick<MiningTaskRow, 'state'>): boolean {
  return state === 'SUCCEEDED' || state === 'FAILED' || state === 'CANCELLED'
}

export async function sayState(manager: EntityManager, bus: Bus, task: MiningTaskRow): Promise<void> {
  await bus.emit(manager, MiningTaskStateChangedSchema, {
    projectId: task.projectId,
    miningTaskId: task.id,
    iterationId: task.iterationId ?? '',
    state: task.state,
    versionId: task.state === 'SUCCEEDED' ? task.resultVersionId : '',
    assetCount: task.state === 'SUCCEEDED' ? BigInt(task.topK) : 0n,
    problem: task.problem ?? '',
    sourceVersionId: task.versionId,
    jobId: task.jobId,
    chunkCount: task.chunkCount,
    chunksDone: task.chunksDone,
  })
}

/** The chunk that a job scores, and its task under lock; undefined when no task waits for that job. */
export async function findChunk(
  manager: EntityManager,
  jobId: string,
): Promise<{ chunk: MiningChunkRow; task: MiningTaskRow } | undefined> {
  const chunk = await manager.findOneBy(MiningChunkRow, { jobId })
  if (!chunk) return undefined
  const lock = { mode: 'pessimistic_write' } as const
  return {
    chunk,
    task: await manager.findOneOrFail(MiningTaskRow, { where: { id: chunk.miningTaskId }, lock }),
  }
}

/** A task whose job is tried again mines again; chunks that are scored stay so. */
export async function mineAgain(
  manager: EntityManager,
  bus: Bus,
  { chunk, task }: { chunk: MiningChunkRow; task: MiningTaskRow },
  jobId: string,
): Promise<void> {
  if (task.state !== 'FAILED' && task.state !== 'CANCELLED') return
  await manager.save(Object.assign(chunk, { jobId }))
  Object.assign(task, { jobId, state: 'MINING', problem: null, finishedAt: null })
  await manager.save(task)
  await sayState(manager, bus, task)
}

/** Takes note of what became of a chunk's job. When all chunks are scored, the task waits for Selection. */
export async function noteJob(
  manager: EntityManager,
  bus: Bus,
  { chunk, task }: { chunk: MiningChunkRow; task: MiningTaskRow },
  { to, failure, result }: JobStateChanged,
): Promise<void> {
  if (to === 'FAILED') {
    const problem = failure ? `${failure.message} ${failure.advice}`.trim() : 'the mining job failed'
    await endMining(manager, bus, task, 'FAILED', problem)
  }
  if (to === 'CANCELLED') await endMining(manager, bus, task, 'CANCELLED', 'the mining job was cancelled')
  if (to !== 'SUCCEEDED' || task.state !== 'MINING' || chunk.scoresSha256) return
  if (!result?.scores) {
    await endMining(manager, bus, task, 'FAILED', 'the mining job gave no scores: its image does not mine')
    return
  }
  Object.assign(chunk, {
    scoresSha256: result.scores.sha256,
    predictionsSha256: result.predictions?.sha256 ?? null,
    detailsSha256: result.details?.sha256 ?? null,
  })
  await manager.save(chunk)
  task.chunksDone++
  const isLast = task.chunksDone === task.chunkCount
  if (!isLast) task.jobId = randomUUID()
  await manager.save(task)
  if (isLast) return
  await requestChunk(manager, bus, task)
  await sayState(manager, bus, task)
}
