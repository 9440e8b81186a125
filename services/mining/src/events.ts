import type { Bus } from '@ymir/bus'
import {
  DatasetVersionCreatedSchema,
  DatasetVersionFailedSchema,
  IterationRecordedSchema,
  IterationStepChangedSchema,
  JobRetriedSchema,
  JobStateChangedSchema,
  LabellingTaskStateChangedSchema,
  MiningTaskStateChangedSchema,
  ModelStateChangedSchema,
  PlanStateChangedSchema,
} from '@ymir/proto-events'
import { Iterations } from './iteration/iteration.ts'
import type { Records } from './iteration/records.ts'
import type { PlanRunner } from './plan/plan-runner.ts'
import { MiningTaskRow } from './task/mining-task.entity.ts'
import { endMining, findChunk, mineAgain, noteJob } from './task/mining-task.ts'
import type { Selection } from './task/selection.ts'

/** Work that waits in the database, told to look when something happened. */
interface Chores {
  readonly selection: Selection
  readonly records: Records
  readonly planRunner: PlanRunner
}

/** What the mining service hears, and who acts on it. */
export function listen(bus: Bus, { selection, records, planRunner }: Chores): void {
  bus.handle(JobRetriedSchema, async ({ jobId, retryOfJobId }, { manager }) => {
    const found = await findChunk(manager, retryOfJobId)
    if (found) await mineAgain(manager, bus, found, jobId)
  })

  bus.handle(JobStateChangedSchema, async (event, { manager, afterCommit }) => {
    const found = await findChunk(manager, event.jobId)
    if (!found) return
    await noteJob(manager, bus, found, event)
    afterCommit(selection.look)
  })

  bus.handle(DatasetVersionCreatedSchema, async (event, { manager }) => {
    const task = await manager.findOneBy(MiningTaskRow, { resultVersionId: event.versionId })
    if (task) await endMining(manager, bus, task, 'SUCCEEDED')
    const assetCount = Number(event.assetCount)
    await new Iterations(manager, bus).succeed(event.versionId, { versionId: event.versionId, assetCount })
  })

  bus.handle(DatasetVersionFailedSchema, async (event, { manager }) => {
    const task = await manager.findOneBy(MiningTaskRow, { resultVersionId: event.versionId })
    if (task) await endMining(manager, bus, task, 'FAILED', event.problem)
    await new Iterations(manager, bus).fail(event.versionId, 'FAILED', event.problem)
  })

  // our own event: a step is driven the same way by a mining task, a labelling task and a model
  bus.handle(MiningTaskStateChangedSchema, async (event, { manager }) => {
    const iterations = new Iterations(manager, bus)
    const { miningTaskId, state, versionId } = event
    if (state === 'MINING') await iterations.goOn(miningTaskId)
    if (state === 'SUCCEEDED')
      await iterations.succeed(miningTaskId, { versionId, assetCount: Number(event.assetCount) })
    if (state === 'FAILED' || state === 'CANCELLED') await iterations.fail(miningTaskId, state, event.problem)
  })

  bus.handle(LabellingTaskStateChangedSchema, async (event, { manager }) => {
    const iterations = new Iterations(manager, bus)
    const { labellingTaskId, state, versionId } = event
    if (state === 'SUCCEEDED')
      await iterations.succeed(labellingTaskId, { versionId, assetCount: Number(event.assetCount) })
    if (state === 'FAILED' || state === 'CANCELLED')
      await iterations.fail(labellingTaskId, state, event.problem)
  })

  bus.handle(ModelStateChangedSchema, async (event, { manager }) => {
    const iterations = new Iterations(manager, bus)
    const { modelId, state, map50 } = event
    if (state === 'TRAINING' || state === 'EVALUATING') await iterations.goOn(modelId)
    if (state === 'READY') await iterations.succeed(modelId, { map50 })
    if (state === 'FAILED' || state === 'CANCELLED') await iterations.fail(modelId, state, event.problem)
  })

  // our own events: whoever said them, of several processes, all look
  bus.handle(IterationStepChangedSchema, ({ step, state }, { afterCommit }) => {
    if (step === 'TRAIN' && state === 'SUCCEEDED') afterCommit(records.look)
    afterCommit(planRunner.look)
    return Promise.resolve()
  })
  bus.handle(IterationRecordedSchema, (_, { afterCommit }) => Promise.resolve(afterCommit(planRunner.look)))
  bus.handle(PlanStateChangedSchema, (_, { afterCommit }) => Promise.resolve(afterCommit(planRunner.look)))
}
