import { randomUUID } from 'node:crypto'
import type { Bus } from '@ymir/bus'
import {
  JobRequestedSchema,
  ModelStageAddedSchema,
  ModelStateChangedSchema,
  type JobStageSaved,
  type StageFile as StageFileOfEvent,
} from '@ymir/proto-events'
import type { EntityManager } from 'typeorm'
import { ModelRow, ModelStageRow } from './model.entity.ts'

export type ModelState = 'TRAINING' | 'EVALUATING' | 'READY' | 'FAILED' | 'CANCELLED'

/** A file of a stage; its bytes lie in the blob store. */
export interface StageFile {
  readonly name: string
  readonly sha256: string
  /** Bytes. */
  readonly size: number
}

export interface TrainingRequest {
  readonly modelId: string
  readonly projectId: string
  readonly name: string
  readonly trainingVersionId: string
  readonly testVersionId: string
  readonly executorImageId: string
  readonly classes: readonly string[]
  /** The stage to start from; null: from scratch. */
  readonly startStage: ModelStageRow | null
  /** Hyper-parameters over those of the image's template. */
  readonly parameters: Readonly<Record<string, unknown>>
  /** 0: a CPU slot. */
  readonly gpuCount: number
  readonly actorId: string
}

/** Records the model and asks the executor for its training job, in the caller's transaction. */
export async function startTraining(
  manager: EntityManager,
  bus: Bus,
  request: TrainingRequest,
): Promise<ModelRow> {
  const { startStage, classes, actorId } = request
  const model = await manager.save(
    modelOf(manager, request, {
      state: 'TRAINING',
      classes: [...classes],
      startStageId: startStage?.id ?? null,
    }),
  )
  await bus.emit(manager, JobRequestedSchema, {
    projectId: model.projectId,
    jobId: model.jobId,
    executorImageId: model.executorImageId,
    kinds: ['TRAINING'],
    classNames: model.classes,
    parametersJson: JSON.stringify(model.parameters),
    gpuCount: model.gpuCount,
    trainingVersionId: model.trainingVersionId,
    validationVersionId: model.testVersionId,
    stageName: startStage?.name ?? '',
    stageFiles: filesForJob(startStage?.files ?? []),
    actorId,
  })
  await sayState(manager, bus, model)
  return model
}

/** Records a model whose training cannot begin, in the caller's transaction, so that who waits for it hears why. */
export async function refuseTraining(
  manager: EntityManager,
  bus: Bus,
  request: Omit<TrainingRequest, 'startStage' | 'classes'>,
  problem: string,
): Promise<void> {
  const ended = { state: 'FAILED', problem, finishedAt: new Date() } as const
  const model = await manager.save(modelOf(manager, request, { ...ended, classes: [] }))
  await sayState(manager, bus, model)
}

function modelOf(
  manager: EntityManager,
  request: Omit<TrainingRequest, 'startStage' | 'classes'>,
  begun: Pick<ModelRow, 'state' | 'classes'> & Partial<ModelRow>,
): ModelRow {
  const { modelId, name, projectId, trainingVersionId, testVersionId, executorImageId } = request
  return manager.create(ModelRow, {
    ...{ id: modelId, name, projectId, trainingVersionId, testVersionId, executorImageId },
    ...{ jobId: randomUUID(), gpuCount: request.gpuCount, createdBy: request.actorId },
    parameters: { ...request.parameters },
    ...begun,
  })
}

/** Files of a stage as a job request names them. */
export function filesForJob(files: readonly StageFile[]) {
  return files.map(({ name, sha256, size }) => ({ name, blob: { sha256, size: BigInt(size) } }))
}

/** Keeps a checkpoint of a training job as a stage of its model; a stage saved again is changed in place. */
export async function keepStage(
  manager: EntityManager,
  bus: Bus,
  model: ModelRow,
  saved: JobStageSaved,
): Promise<void> {
  const known = await manager.findOneBy(ModelStageRow, { modelId: model.id, name: saved.stageName })
  if (saved.best) await manager.update(ModelStageRow, { modelId: model.id }, { best: false })
  const stage = await manager.save(
    manager.create(ModelStageRow, {
      id: known?.id ?? randomUUID(),
      modelId: model.id,
      name: saved.stageName,
      reportedMap: mainMetricOf(saved.metrics),
      metrics: saved.metrics,
      files: saved.files.map(fileOfEvent),
      best: saved.best,
      savedAt: new Date(Number(saved.savedAt) * 1000),
    }),
  )
  await bus.emit(manager, ModelStageAddedSchema, {
    projectId: model.projectId,
    modelId: model.id,
    stageId: stage.id,
    name: stage.name,
    reportedMap: stage.reportedMap ?? undefined,
    best: stage.best,
  })
}

function fileOfEvent({ name, blob }: StageFileOfEvent): StageFile {
  if (!blob) throw new Error(`stage file ${name} came without its bytes`)
  return { name, sha256: blob.sha256, size: Number(blob.size) }
}

/** The metric that images rank stages by: mAP of boxes, mIoU or maskAP of segmentations. */
function mainMetricOf(metrics: Readonly<Record<string, number>>): number | null {
  return metrics.mAP ?? metrics.maskAP ?? metrics.mIoU ?? null
}

/** Moves a model on and says so. A model that ended stays as it is. */
export async function changeState(
  manager: EntityManager,
  bus: Bus,
  model: ModelRow,
  change: Pick<ModelRow, 'state'> & Partial<Pick<ModelRow, 'problem' | 'bestStageId' | 'map50'>>,
): Promise<void> {
  if (hasEnded(model)) return
  Object.assign(model, change)
  if (hasEnded(model)) model.finishedAt = new Date()
  await manager.save(model)
  await sayState(manager, bus, model)
}

/** A model that was not to be goes on: a job is tried again. One that is ready, or waits for another job, stays as it is. */
export async function takeUpAgain(
  manager: EntityManager,
  bus: Bus,
  model: ModelRow,
  change: Pick<ModelRow, 'state'> & Partial<Pick<ModelRow, 'jobId' | 'parameters'>>,
): Promise<void> {
  if (model.state !== 'FAILED' && model.state !== 'CANCELLED') return
  Object.assign(model, { ...change, problem: null, finishedAt: null })
  await manager.save(model)
  await sayState(manager, bus, model)
}

export function hasEnded({ state }: Pick<ModelRow, 'state'>): boolean {
  return state === 'READY' || state === 'FAILED' || state === 'CANCELLED'
}

async function sayState(manager: EntityManager, bus: Bus, model: ModelRow): Promise<void> {
  await bus.emit(manager, ModelStateChangedSchema, {
    projectId: model.projectId,
    modelId: model.id,
    state: model.state,
    name: model.name,
    bestStageId: model.bestStageId ?? '',
    map50: model.map50 ?? undefined,
    problem: model.problem ?? '',
    actorId: model.createdBy,
    jobId: model.jobId,
    trainingVersionId: model.trainingVersionId,
    testVersionId: model.testVersionId,
  })
}

/** The name itself, or with the first number behind it that makes it unique in the project. */
export async function uniqueName(manager: EntityManager, projectId: string, name: string): Promise<string> {
  const taken = new Set((await manager.findBy(ModelRow, { projectId })).map((model) => model.name))
  if (!taken.has(name)) return name
  for (let number = 2; ; number++) if (!taken.has(`${name} (${number})`)) return `${name} (${number})`
}
