import { randomUUID } from 'node:crypto'
import type { Bus } from '@ymir/bus'
import { EvaluationStateChangedSchema, JobRequestedSchema } from '@ymir/proto-events'
import type { EntityManager } from 'typeorm'
import { ModelRow, ModelStageRow } from '../model/model.entity.ts'
import { changeState, filesForJob, takeUpAgain } from '../model/model.ts'
import { EvaluationRow } from './evaluation.entity.ts'

export interface EvaluationRequest {
  readonly model: ModelRow
  readonly stage: ModelStageRow
  readonly versionId: string
  /** Whether the model is ready only when it ended. */
  readonly ofTraining: boolean
  readonly actorId: string
}

/** Records an evaluation and asks the executor for the predictions that it needs, in the caller's transaction. */
export async function startEvaluation(
  manager: EntityManager,
  bus: Bus,
  request: EvaluationRequest,
): Promise<EvaluationRow> {
  const { model, stage, versionId, ofTraining, actorId } = request
  const evaluation = await manager.save(
    manager.create(EvaluationRow, {
      id: randomUUID(),
      projectId: model.projectId,
      stageId: stage.id,
      versionId,
      jobId: randomUUID(),
      ofTraining,
      state: 'RUNNING',
      createdBy: actorId,
    }),
  )
  await bus.emit(manager, JobRequestedSchema, {
    projectId: model.projectId,
    jobId: evaluation.jobId,
    executorImageId: model.executorImageId,
    imageDigest: model.imageDigest ?? '',
    kinds: ['INFERENCE'],
    classNames: model.classes,
    parametersJson: '{}',
    gpuCount: model.gpuCount,
    candidateVersionId: versionId,
    stageName: stage.name,
    stageFiles: filesForJob(stage.files),
    // a training waits for it: before the next training
    priority: ofTraining ? 5 : 0,
    actorId,
  })
  await sayState(manager, bus, evaluation)
  return evaluation
}

/** What became of an evaluation; with a problem it failed. */
export type Outcome = Partial<Pick<EvaluationRow, 'map50' | 'map' | 'result' | 'problem'>>

/** Ends an evaluation that runs, and the training that waits for it. */
export async function endEvaluation(
  manager: EntityManager,
  bus: Bus,
  evaluation: EvaluationRow,
  outcome: Outcome,
): Promise<void> {
  if (evaluation.state !== 'RUNNING') return
  Object.assign(evaluation, {
    ...outcome,
    state: outcome.problem ? 'FAILED' : 'SUCCEEDED',
    finishedAt: new Date(),
  })
  await manager.save(evaluation)
  await sayState(manager, bus, evaluation)
  if (!evaluation.ofTraining) return
  const { modelId } = await manager.findOneByOrFail(ModelStageRow, { id: evaluation.stageId })
  const model = await manager.findOneByOrFail(ModelRow, { id: modelId })
  if (outcome.problem)
    await changeState(manager, bus, model, {
      state: 'FAILED',
      problem: `the model was trained, but not evaluated: ${outcome.problem}`,
    })
  else await changeState(manager, bus, model, { state: 'READY', map50: outcome.map50 ?? null })
}

/** An evaluation whose job is tried again runs again, and the training that waits for it goes on. */
export async function evaluateAgain(
  manager: EntityManager,
  bus: Bus,
  evaluation: EvaluationRow,
  jobId: string,
): Promise<void> {
  if (evaluation.state !== 'FAILED') return
  const begun = { jobId, state: 'RUNNING', problem: null, finishedAt: null, predictionsSha256: null }
  Object.assign(evaluation, begun)
  await manager.save(evaluation)
  await sayState(manager, bus, evaluation)
  if (!evaluation.ofTraining) return
  const { modelId } = await manager.findOneByOrFail(ModelStageRow, { id: evaluation.stageId })
  const model = await manager.findOneByOrFail(ModelRow, { id: modelId })
  await takeUpAgain(manager, bus, model, { state: 'EVALUATING' })
}

async function sayState(manager: EntityManager, bus: Bus, evaluation: EvaluationRow): Promise<void> {
  await bus.emit(manager, EvaluationStateChangedSchema, {
    projectId: evaluation.projectId,
    evaluationId: evaluation.id,
    stageId: evaluation.stageId,
    versionId: evaluation.versionId,
    state: evaluation.state,
    map50: evaluation.map50 ?? undefined,
    map: evaluation.map ?? undefined,
    problem: evaluation.problem ?? '',
    predictionsSha256: evaluation.state === 'RUNNING' ? '' : (evaluation.predictionsSha256 ?? ''),
  })
}
