import { randomUUID } from 'node:crypto'
import type { Bus } from '@ymir/bus'
import { DomainError } from '@ymir/graphql'
import {
  DatasetVersionRequestedSchema,
  IterationStepChangedSchema,
  LabellingTaskRequestedSchema,
  TrainingRequestedSchema,
} from '@ymir/proto-events'
import { In, type EntityManager, type FindOptionsWhere } from 'typeorm'
import { MiningTaskRow } from '../task/mining-task.entity.ts'
import { startMining, type MiningSettings, type StageToMineWith } from '../task/mining-task.ts'
import { IterationRow, IterationStepRow } from './iteration.entity.ts'
import { vendorOf } from './labeller.ts'
import { changesOf, keptChoices, type StepChanges } from './step-parameters.ts'
import { nextStep, obstacleTo, stateOfRound, stepNames, stepsAfter, type StepName } from './step.ts'

/** What a round is done with; the next round takes it over. */
export interface IterationSettings extends MiningSettings {
  readonly testVersionId: string
  /** Answers the labelling tasks; null: people or vendors do. */
  readonly automaticLabellerId: string | null
  /** Answer the labelling tasks, a round each in turn; none: people do, or the automatic labeller. */
  readonly vendorIds?: readonly string[]
  /** Whether labellers see the model's annotations as a start. */
  readonly keepAnnotations: boolean
  /** Hyper-parameters over those of the image's template. */
  readonly trainingParameters: Readonly<Record<string, unknown>>
  /** Whether training starts from the model before, not from scratch. */
  readonly warmStart: boolean
  readonly gpuCount: number
  /** Whether each step runs as soon as the one before it succeeded. */
  readonly automatic: boolean
}

/** Where a round begins. */
export interface IterationStart {
  /** The pool. */
  readonly miningVersionId: string
  readonly miningDatasetId: string
  readonly miningDatasetName: string
  readonly poolCount: number
  readonly trainingVersionId: string
  readonly trainingDatasetId: string
  readonly trainingCount: number
  readonly modelId: string
  readonly modelName: string
  readonly map50: number | null
  readonly stage: StageToMineWith
  /** Versions whose assets earlier rounds mined. */
  readonly minedVersionIds: readonly string[]
}

/** What a step leaves. */
export interface StepOutcome {
  readonly versionId?: string
  readonly assetCount?: number
  readonly map50?: number
}

/** The rounds of the loop, within one transaction. */
export class Iterations {
  constructor(
    private readonly manager: EntityManager,
    private readonly bus: Bus,
  ) {}

  /** A round that a plan runs begins with all its steps waiting. */
  async begin(iteration: Omit<IterationRow, 'id' | 'createdAt' | 'record'>): Promise<IterationRow> {
    const row = await this.manager.save(this.manager.create(IterationRow, { ...iteration, id: randomUUID() }))
    await this.manager.insert(
      IterationStepRow,
      stepNames.map((name) => ({ iterationId: row.id, name, state: 'WAITING' as const })),
    )
    if (runsByItself(row)) await this.run(row, 'PREPARE', {}, row.createdBy)
    return row
  }

  /**
   * Runs a step, or runs it again; the steps after it wait anew.
   * @param parameters over the iteration's settings, for this run
   * @throws DomainError CONFLICT when another step runs or one before it has not succeeded
   */
  async run(
    iteration: IterationRow,
    name: StepName,
    parameters: Readonly<Record<string, unknown>>,
    actorId: string,
  ) {
    const steps = await this.stepsOf(iteration.id, { lock: true })
    const obstacle = obstacleTo(steps, name)
    if (obstacle) throw new DomainError('CONFLICT', obstacle, { iterationId: iteration.id, step: name })
    const step = this.step(steps, name)
    const changes = changesOf(name, parameters)
    const request = { iteration, steps, settings: { ...iteration.settings, ...changes }, actorId }
    for (const later of stepsAfter(steps, name).filter(({ state }) => state !== 'WAITING'))
      await this.wait(iteration, later)
    const outputId = await this.request[name](request)
    const cleared = { versionId: null, assetCount: null, map50: null, problem: null, finishedAt: null }
    Object.assign(step, { ...cleared, state: 'RUNNING', outputId, parameters, startedAt: new Date() })
    await this.save(iteration, step)
    await this.manager.update(IterationRow, { id: iteration.id }, { record: null })
  }

  /** The thing that a step asked for is there. Runs the next step of an automatic iteration, but of one that a plan runs. */
  async succeed(outputId: string, outcome: StepOutcome): Promise<void> {
    const found = await this.stepOf(outputId, 'RUNNING')
    if (!found) return
    const { iteration, step } = found
    Object.assign(step, { ...outcome, state: 'SUCCEEDED', finishedAt: new Date() })
    await this.save(iteration, step)
    const next = nextStep(step.name)
    if (next && runsByItself(iteration)) await this.run(iteration, next, {}, iteration.createdBy)
  }

  async fail(outputId: string, state: 'FAILED' | 'CANCELLED', problem: string): Promise<void> {
    const found = await this.stepOf(outputId, 'RUNNING')
    if (!found) return
    Object.assign(found.step, { state, problem, finishedAt: new Date() })
    await this.save(found.iteration, found.step)
  }

  /** What a step that failed had asked for is under way again: so is the step. */
  async goOn(outputId: string): Promise<void> {
    const found = await this.stepOf(outputId, In(['FAILED', 'CANCELLED']))
    if (!found) return
    Object.assign(found.step, { state: 'RUNNING', problem: null, finishedAt: null })
    await this.save(found.iteration, found.step)
  }

  /**
   * Ends a round that runs, or waits for a person.
   * @returns the step that was running, now cancelled: what it made must be cancelled too
   */
  async cancel(iteration: IterationRow): Promise<IterationStepRow | undefined> {
    const steps = await this.stepsOf(iteration.id, { lock: true })
    const running = steps.find(({ state }) => state === 'RUNNING')
    const waiting = stateOfRound(steps) === 'WAITING' && steps.find(({ state }) => state === 'WAITING')
    const step = running ?? waiting
    if (!step) return undefined
    const problem = 'the iteration was cancelled'
    Object.assign(step, { state: 'CANCELLED', problem, finishedAt: new Date() })
    await this.save(iteration, step)
    return running
  }

  async stepsOf(iterationId: string, { lock = false } = {}): Promise<IterationStepRow[]> {
    const steps = await this.manager.find(IterationStepRow, {
      where: { iterationId },
      ...(lock && { lock: { mode: 'pessimistic_write' as const } }),
    })
    return steps.sort((a, b) => stepNames.indexOf(a.name) - stepNames.indexOf(b.name))
  }

  /** What each step asks of others; each returns the id of what will be made. */
  private readonly request: Readonly<Record<StepName, (asked: StepRequest) => Promise<string>>> = {
    PREPARE: async ({ iteration: { projectId, start }, settings, actorId }) => {
      const versionId = randomUUID()
      const { versionId: pool = start.miningVersionId } = settings
      const { excludeVersionIds = excludedFrom(start) } = settings
      await this.bus.emit(this.manager, DatasetVersionRequestedSchema, {
        projectId,
        versionId,
        datasetId: start.miningDatasetId,
        operation: {
          case: 'exclude',
          value: { versionId: pool, excludeVersionIds: [...excludeVersionIds] },
        },
        actorId,
      })
      return versionId
    },

    MINE: async ({ iteration, steps, settings, actorId }) => {
      const { parameters } = this.step(steps, 'PREPARE')
      const task = await startMining(this.manager, this.bus, {
        ...miningSettingsOf(settings),
        projectId: iteration.projectId,
        iterationId: iteration.id,
        versionId: this.versionOf(steps, 'PREPARE'),
        assetCount: this.step(steps, 'PREPARE').assetCount ?? 0,
        stage: iteration.start.stage,
        // PREPARE took them out; named again, because nothing that repeats them is to be mined
        excludedVersionIds:
          changesOf('PREPARE', parameters).excludeVersionIds ?? excludedFrom(iteration.start),
        excludeMined: false, // what this round mined before may be mined again
        resultDatasetName: `${iteration.start.miningDatasetName} mined`,
        actorId,
      })
      return task.id
    },

    LABEL: async ({ iteration: { projectId, round, start }, steps, settings, actorId }) => {
      const labellingTaskId = randomUUID()
      const task = await this.manager.findOneByOrFail(MiningTaskRow, {
        id: this.step(steps, 'MINE').outputId ?? '',
      })
      const { minedPredictions } = task
      await this.bus.emit(this.manager, LabellingTaskRequestedSchema, {
        projectId,
        labellingTaskId,
        name: `${start.miningDatasetName}, round ${round}`,
        versionId: this.versionOf(steps, 'MINE'),
        classes: [...(settings.classes ?? start.stage.classes)],
        review: settings.review ?? false,
        automaticLabellerId: settings.automaticLabellerId ?? '',
        vendorId: vendorOf(settings, round) ?? '',
        keepAnnotations: settings.keepAnnotations,
        predictions: minedPredictions
          ? { sha256: minedPredictions.sha256, size: BigInt(minedPredictions.size) }
          : undefined,
        stageId: task.stageId,
        actorId,
      })
      return labellingTaskId
    },

    MERGE: async ({ iteration: { projectId, start }, steps, settings, actorId }) => {
      const versionId = randomUUID()
      const { versionIds = [start.trainingVersionId, this.versionOf(steps, 'LABEL')] } = settings
      await this.bus.emit(this.manager, DatasetVersionRequestedSchema, {
        projectId,
        versionId,
        datasetId: start.trainingDatasetId,
        operation: {
          case: 'merge',
          value: { versionIds: [...versionIds], conflicts: 'LAST_WINS' },
        },
        actorId,
      })
      return versionId
    },

    TRAIN: async ({ iteration, steps, settings, actorId }) => {
      const { projectId, start } = iteration
      const modelId = randomUUID()
      await this.bus.emit(this.manager, TrainingRequestedSchema, {
        projectId,
        modelId,
        name: nameOfModel(iteration),
        trainingVersionId: this.versionOf(steps, 'MERGE'),
        testVersionId: settings.testVersionId,
        startStageId: settings.warmStart ? start.stage.id : '',
        executorImageId: settings.executorImageId,
        parametersJson: JSON.stringify(settings.trainingParameters),
        gpuCount: settings.gpuCount,
        actorId,
      })
      return modelId
    },
  }

  private async stepOf(outputId: string, state: FindOptionsWhere<IterationStepRow>['state']) {
    const step = await this.manager.findOne(IterationStepRow, {
      where: { outputId, state },
      lock: { mode: 'pessimistic_write' },
    })
    if (!step) return undefined
    const iteration = await this.manager.findOneByOrFail(IterationRow, { id: step.iterationId })
    return { iteration, step }
  }

  private async wait(iteration: IterationRow, step: IterationStepRow): Promise<void> {
    const cleared = { outputId: null, versionId: null, assetCount: null, map50: null, problem: null }
    const parameters = keptChoices(step.name, step.parameters)
    Object.assign(step, { ...cleared, parameters, state: 'WAITING', startedAt: null, finishedAt: null })
    await this.save(iteration, step)
  }

  private async save(
    { id, projectId, round }: IterationRow,
    step: IterationStepRow,
  ): Promise<IterationStepRow> {
    await this.manager.save(step)
    await this.bus.emit(this.manager, IterationStepChangedSchema, {
      projectId,
      iterationId: id,
      round,
      step: step.name,
      state: step.state,
      outputId: step.outputId ?? '',
      problem: step.problem ?? '',
    })
    return step
  }

  private step(steps: readonly IterationStepRow[], name: StepName): IterationStepRow {
    const step = steps.find((one) => one.name === name)
    if (!step) throw new Error(`iteration without step ${name}`)
    return step
  }

  private versionOf(steps: readonly IterationStepRow[], name: StepName): string {
    const { versionId } = this.step(steps, name)
    if (!versionId) throw new Error(`step ${name} left no dataset version`)
    return versionId
  }
}

/** What is in training and what earlier rounds mined. */
export function excludedFrom({ trainingVersionId, minedVersionIds }: IterationStart): string[] {
  return [trainingVersionId, ...minedVersionIds]
}

/** The settings of a round that its MINE step works with. */
export function miningSettingsOf(settings: MiningSettings): MiningSettings {
  const { executorImageId, strategy, strategies, topK, budgetBoxes, minShare } = settings
  const { aggregate, aggregateCount, scoreWithoutDetections } = settings
  const { deduplicate, duplicateHashBits, duplicateEmbeddingDistance, annotate, seed, gpuCount } = settings
  return {
    ...{ executorImageId, strategy, strategies, topK, budgetBoxes, minShare },
    ...{ aggregate, aggregateCount, scoreWithoutDetections },
    ...{ deduplicate, duplicateHashBits, duplicateEmbeddingDistance, annotate, seed, gpuCount },
  }
}

/** Whether each step runs as soon as the one before it succeeded; a plan runs the steps of its rounds. */
function runsByItself({ planId, settings }: IterationRow): boolean {
  return planId === null && settings.automatic
}

/** Of the model that the round trains. */
export function nameOfModel({ start, round }: Pick<IterationRow, 'start' | 'round'>): string {
  return `${start.modelName.replace(/, round \d+$/, '')}, round ${round}`
}

interface StepRequest {
  readonly iteration: IterationRow
  readonly steps: readonly IterationStepRow[]
  /** The iteration's, with what this run changes. */
  readonly settings: IterationSettings & StepChanges
  readonly actorId: string
}

/** Steps of several iterations at once, by iteration id. */
export async function stepsByIteration(manager: EntityManager, ids: readonly string[]) {
  const rows = await manager.find(IterationStepRow, { where: { iterationId: In([...ids]) } })
  return ids.map((id) =>
    rows
      .filter((row) => row.iterationId === id)
      .sort((a, b) => stepNames.indexOf(a.name) - stepNames.indexOf(b.name)),
  )
}
