import type { Bus } from '@ymir/bus'
import {
  DatasetVersionCreatedSchema,
  DatasetVersionFailedSchema,
  LabellingTaskRequestedSchema,
} from '@ymir/proto-events'
import { log } from '@ymir/service'
import { isUUID } from 'class-validator'
import type { EntityManager } from 'typeorm'
import type { Chores } from './chores.ts'
import { LabellingTaskRow } from './task/labelling-task.entity.ts'
import { changeState, lockTask, openTask, usualStuckAfterSeconds } from './task/labelling-task.ts'
import { hasVendor, noSuchVendor } from './vendor/assignment.ts'

/** What the labeling service hears, and who acts on it. */
export function listen(bus: Bus, { wake }: Pick<Chores, 'wake'>): void {
  bus.handle(LabellingTaskRequestedSchema, async (event, { manager, afterCommit }) => {
    const { projectId, labellingTaskId: id, versionId, predictions, ...request } = event
    const automaticLabellerId = event.automaticLabellerId || null
    const vendorId = event.vendorId || null
    const ids = [id, projectId, versionId, automaticLabellerId, vendorId].filter((one) => one !== null)
    if (!ids.every((one) => isUUID(one)))
      return log.error(`ignored a request for labelling task "${id}": one of ${ids.join(', ')} is no id`)
    if (await manager.existsBy(LabellingTaskRow, { id })) return
    const hasNoVendor = vendorId && !(await hasVendor(manager, projectId, vendorId))
    const task = await openTask(manager, bus, {
      id,
      projectId,
      versionId,
      name: request.name,
      classes: request.classes,
      keepAnnotations: request.keepAnnotations,
      review: request.review,
      automaticLabellerId,
      vendorId: hasNoVendor ? null : vendorId,
      stuckAfterSeconds: usualStuckAfterSeconds,
      predictions: predictions ? preAnnotationsOf(predictions, request.stageId) : null,
      actorId: request.actorId,
    })
    if (hasNoVendor)
      return changeState(manager, bus, task, 'FAILED', { problem: noSuchVendor(vendorId).message })
    afterCommit(() => wake(task))
  })

  bus.handle(DatasetVersionCreatedSchema, async ({ versionId, assetCount }, { manager }) => {
    const task = await storingTask(manager, versionId)
    if (task) await changeState(manager, bus, task, 'SUCCEEDED', { assetCount })
  })

  bus.handle(DatasetVersionFailedSchema, async ({ versionId, problem }, { manager }) => {
    const task = await storingTask(manager, versionId)
    if (task) await changeState(manager, bus, task, 'FAILED', { problem })
  })
}

/** The task that waits for this version, locked. */
async function storingTask(manager: EntityManager, versionId: string): Promise<LabellingTaskRow | undefined> {
  if (!isUUID(versionId)) return undefined
  const found = await manager.findOneBy(LabellingTaskRow, { resultVersionId: versionId })
  const task = found && (await lockTask(manager, found.id))
  return task?.state === 'STORING' && task.resultVersionId === versionId ? task : undefined
}

function preAnnotationsOf({ sha256, size }: { sha256: string; size: bigint }, stageId: string) {
  return { sha256, size: Number(size), ...(stageId ? { stageId } : {}) }
}
