import { randomUUID } from 'node:crypto'
import type { Bus } from '@ymir/bus'
import type { GraphClient } from '@ymir/graphql'
import { DomainError, notFound } from '@ymir/graphql'
import { JobRequestedSchema, MiningTaskStateChangedSchema, type JobStateChanged } from '@ymir/proto-events'
import type { EntityManager } from 'typeorm'
import { MiningTaskRow } from './mining-task.entity.ts'

export type MiningTaskState = 'MINING' | 'TAKING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED'
export type MiningStrategy = 'RANDOM' | 'ENTROPY' | 'LEAST_CONFIDENCE' | 'MARGIN'
export type ScoreAggregate = 'MAX' | 'MEAN' | 'SUM'

/** How to mine, apart from where and with what. */
export interface MiningSettings {
  readonly executorImageId: string
  readonly strategy: MiningStrategy
  readonly aggregate: ScoreAggregate
  /** How many assets to take. */
  readonly topK: number
  /** Whether the model also pre-annotates, so that people correct instead of draw. */
  readonly annotate: boolean
  readonly seed: number
  /** 0 or left out: a CPU slot. */
  readonly gpuCount?: number
}

export interface MiningRequest extends MiningSettings {
  readonly projectId: string
  readonly iterationId: string | null
  /** The assets to choose from. */
  readonly versionId: string
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
      }
    }
  }
`

interface StageAnswer {
  modelStage:
    (Omit<StageToMineWith, 'classes'> & { model: { classes: string[]; project: { id: string } } }) | null
}

/** Reads a stage of a model of this project from the graph. @throws DomainError NOT_FOUND */
export async function readStage(
  graph: GraphClient,
  projectId: string,
  stageId: string,
): Promise<StageToMineWith> {
  const { modelStage } = await graph.query<StageAnswer>(stageQuery, { stageId })
  if (modelStage?.model.project.id !== projectId) throw notFound('model stage in this project', stageId)
  const { id, name, files, model } = modelStage
  return { id, name, files, classes: model.classes }
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
  const { stage, actorId, gpuCount = 0, ...settings } = request
  const task = await manager.save(
    manager.create(MiningTaskRow, {
      ...settings,
      excludedVersionIds: [...settings.excludedVersionIds],
      id: randomUUID(),
      jobId: randomUUID(),
      stageId: stage.id,
      state: 'MINING',
      resultVersionId: randomUUID(),
      createdBy: actorId,
    }),
  )
  await bus.emit(manager, JobRequestedSchema, {
    projectId: task.projectId,
    jobId: task.jobId,
    executorImageId: task.executorImageId,
    kinds: task.annotate ? ['MINING', 'INFERENCE'] : ['MINING'],
    classNames: [...stage.classes],
    parametersJson: JSON.stringify(parametersOf(request)),
    gpuCount,
    candidateVersionId: task.versionId,
    stageName: stage.name,
    stageFiles: stage.files.map(({ name, sha256, size }) => ({ name, blob: { sha256, size: BigInt(size) } })),
    actorId,
  })
  await sayState(manager, bus, task)
  return task
}

/** The hyper-parameters by which mining images know these settings. */
function parametersOf({ strategy, aggregate, seed }: MiningSettings): Record<string, unknown> {
  return { strategy: strategy.toLowerCase(), aggregation: aggregate.toLowerCase(), seed }
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
  })
}

/** A task whose job is tried again mines again. */
export async function mineAgain(
  manager: EntityManager,
  bus: Bus,
  task: MiningTaskRow,
  jobId: string,
): Promise<void> {
  if (task.state !== 'FAILED' && task.state !== 'CANCELLED') return
  Object.assign(task, { jobId, state: 'MINING', problem: null, finishedAt: null })
  await manager.save(task)
  await sayState(manager, bus, task)
}

/** Takes note of what became of a task's job. Its scores, once there, wait for Selection. */
export async function noteJob(
  manager: EntityManager,
  bus: Bus,
  task: MiningTaskRow,
  { to, failure, result }: JobStateChanged,
): Promise<void> {
  if (to === 'FAILED') {
    const problem = failure ? `${failure.message} ${failure.advice}`.trim() : 'the mining job failed'
    await endMining(manager, bus, task, 'FAILED', problem)
  }
  if (to === 'CANCELLED') await endMining(manager, bus, task, 'CANCELLED', 'the mining job was cancelled')
  if (to !== 'SUCCEEDED' || task.state !== 'MINING') return
  if (!result?.scores) {
    await endMining(manager, bus, task, 'FAILED', 'the mining job gave no scores: its image does not mine')
    return
  }
  Object.assign(task, {
    scoresSha256: result.scores.sha256,
    predictionsSha256: result.predictions?.sha256 ?? null,
  })
  await manager.save(task)
}
