import type { Bus } from '@ymir/bus'
import { DomainError, notFound, type GraphClient } from '@ymir/graphql'
import {
  JobRetriedSchema,
  JobStageSavedSchema,
  JobStateChangedSchema,
  TrainingRequestedSchema,
  type JobRetried,
  type JobStateChanged,
  type TrainingRequested,
} from '@ymir/proto-events'
import type { EntityManager } from 'typeorm'
import { EvaluationRow } from './evaluation/evaluation.entity.ts'
import { endEvaluation, evaluateAgain, startEvaluation } from './evaluation/evaluation.ts'
import type { Evaluator } from './evaluation/evaluator.ts'
import { InferenceRow } from './inference/inference.entity.ts'
import { ModelRow, ModelStageRow } from './model/model.entity.ts'
import {
  changeState,
  keepStage,
  refuseTraining,
  startTraining,
  takeUpAgain,
  uniqueName,
} from './model/model.ts'

/** What the model service hears, and who acts on it. */
export function listen(bus: Bus, graph: GraphClient, evaluator: Pick<Evaluator, 'look'>): void {
  bus.handle(TrainingRequestedSchema, async (event, { manager }) => {
    if (await manager.existsBy(ModelRow, { id: event.modelId })) return
    await train(manager, bus, graph, event)
  })

  bus.handle(JobStageSavedSchema, async (event, { manager }) => {
    const model = await manager.findOneBy(ModelRow, { jobId: event.jobId })
    if (model) await keepStage(manager, bus, model, event)
  })

  bus.handle(JobRetriedSchema, (event, { manager }) => waitAgain(manager, bus, event))

  bus.handle(JobStateChangedSchema, async (event, { manager, afterCommit }) => {
    const { jobId } = event
    const model = await manager.findOneBy(ModelRow, { jobId })
    if (model) {
      await noteImage(manager, model, event)
      return noteTrainingJob(manager, bus, model, event)
    }
    const evaluation = await manager.findOneBy(EvaluationRow, { jobId })
    if (evaluation) {
      await noteEvaluationJob(manager, bus, evaluation, event)
      return afterCommit(evaluator.look)
    }
    const inference = await manager.findOneBy(InferenceRow, { jobId })
    if (inference) await noteInferenceJob(manager, inference, event)
  })
}

async function train(
  manager: EntityManager,
  bus: Bus,
  graph: GraphClient,
  event: TrainingRequested,
): Promise<void> {
  const { projectId, startStageId, parametersJson } = event
  const request = {
    ...event,
    name: await uniqueName(manager, projectId, event.name),
    parameters: JSON.parse(parametersJson || '{}') as Record<string, unknown>, // the contract says: an object
  }
  try {
    const startStage = startStageId ? await stageById(manager, startStageId) : null
    const classes = await classesOf(graph, projectId)
    await startTraining(manager, bus, { ...request, classes, startStage })
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'NOT_FOUND') throw error
    await refuseTraining(manager, bus, request, error.message)
  }
}

async function stageById(manager: EntityManager, id: string): Promise<ModelStageRow> {
  const stage = await manager.findOneBy(ModelStageRow, { id })
  if (!stage) throw notFound('model stage', id)
  return stage
}

const classesQuery = /* GraphQL */ `
  query ClassesToTrain($projectId: ID!) {
    project(id: $projectId) {
      classes
    }
  }
`

/** The project's classes, in order. @throws DomainError NOT_FOUND */
export async function classesOf(graph: GraphClient, projectId: string): Promise<string[]> {
  const { project } = await graph.query<{ project: { classes: string[] } | null }>(classesQuery, {
    projectId,
  })
  if (!project) throw notFound('project', projectId)
  return project.classes
}

/** What waited in vain for a job waits for the one that tries it again. */
async function waitAgain(
  manager: EntityManager,
  bus: Bus,
  { jobId, retryOfJobId, parametersJson }: JobRetried,
): Promise<void> {
  const old = { jobId: retryOfJobId }
  const model = await manager.findOneBy(ModelRow, old)
  const parameters = JSON.parse(parametersJson || '{}') as ModelRow['parameters'] // the contract says: an object
  if (model) return takeUpAgain(manager, bus, model, { state: 'TRAINING', jobId, parameters })
  const evaluation = await manager.findOneBy(EvaluationRow, old)
  if (evaluation) return evaluateAgain(manager, bus, evaluation, jobId)
  await manager.update(
    InferenceRow,
    { ...old, state: 'FAILED' },
    { jobId, state: 'RUNNING', problem: null, finishedAt: null },
  )
}

/** The revision of the image is settled when the job starts; a job started anew may have another. */
async function noteImage(manager: EntityManager, model: ModelRow, event: JobStateChanged): Promise<void> {
  if (!event.imageDigest || model.state !== 'TRAINING') return
  model.imageDigest = event.imageDigest
  await manager.update(ModelRow, { id: model.id }, { imageDigest: event.imageDigest })
}

async function noteTrainingJob(
  manager: EntityManager,
  bus: Bus,
  model: ModelRow,
  event: JobStateChanged,
): Promise<void> {
  if (model.state !== 'TRAINING') return
  if (event.to === 'FAILED')
    await changeState(manager, bus, model, { state: 'FAILED', problem: problemOf(event) })
  if (event.to === 'CANCELLED')
    await changeState(manager, bus, model, { state: 'CANCELLED', problem: 'the training was cancelled' })
  if (event.to !== 'SUCCEEDED') return
  if (!event.result?.bestStageName)
    return changeState(manager, bus, model, {
      state: 'FAILED',
      problem: 'the training gave no stage: its image does not train',
    })
  // said before the end of the job; if it is heard after it, this event comes again
  const stage = await manager.findOneByOrFail(ModelStageRow, {
    modelId: model.id,
    name: event.result.bestStageName,
  })
  await changeState(manager, bus, model, { state: 'EVALUATING', bestStageId: stage.id })
  await startEvaluation(manager, bus, {
    model,
    stage,
    versionId: model.testVersionId,
    ofTraining: true,
    actorId: model.createdBy,
  })
}

async function noteEvaluationJob(
  manager: EntityManager,
  bus: Bus,
  evaluation: EvaluationRow,
  event: JobStateChanged,
): Promise<void> {
  if (event.to === 'FAILED' || event.to === 'CANCELLED')
    await endEvaluation(manager, bus, evaluation, { problem: problemOf(event) })
  if (event.to !== 'SUCCEEDED' || evaluation.state !== 'RUNNING') return
  const predictions = event.result?.predictions
  if (!predictions) return endEvaluation(manager, bus, evaluation, { problem: noPredictions })
  evaluation.predictionsSha256 = predictions.sha256
  await manager.save(evaluation)
}

async function noteInferenceJob(
  manager: EntityManager,
  inference: InferenceRow,
  event: JobStateChanged,
): Promise<void> {
  if (inference.state !== 'RUNNING') return
  const finishedAt = new Date()
  if (event.to === 'FAILED' || event.to === 'CANCELLED')
    Object.assign(inference, { state: 'FAILED', problem: problemOf(event), finishedAt })
  if (event.to === 'SUCCEEDED') {
    const predictionsSha256 = event.result?.predictions?.sha256
    const outcome = predictionsSha256
      ? { state: 'SUCCEEDED', predictionsSha256 }
      : { state: 'FAILED', problem: noPredictions }
    Object.assign(inference, { ...outcome, finishedAt })
  }
  await manager.save(inference)
}

const noPredictions = 'the job gave no predictions: its image does not infer'

function problemOf({ to, failure }: JobStateChanged): string {
  if (failure) return `${failure.message} ${failure.advice}`.trim()
  return to === 'CANCELLED' ? 'the job was cancelled' : 'the job failed'
}
