import { DomainError, notFound } from '@ymir/graphql'
import { IsNull, type EntityManager } from 'typeorm'
import type { Labeling } from '../context.ts'
import type { LabellingTaskRow } from '../task/labelling-task.entity.ts'
import { lockTask, requireOpen } from '../task/labelling-task.ts'
import { sayAssigned } from './assigned.ts'
import { tellVendor } from './telling.ts'
import { VendorRow } from './vendor.entity.ts'

/** Whether the project has such a vendor that is not closed. */
export function hasVendor(manager: EntityManager, projectId: string, vendorId: string): Promise<boolean> {
  return manager.existsBy(VendorRow, { id: vendorId, projectId, closedAt: IsNull() })
}

/** @throws DomainError NOT_FOUND when the project has no such vendor that is not closed */
export async function requireVendorOf(
  manager: EntityManager,
  projectId: string,
  vendorId: string,
): Promise<void> {
  if (!(await hasVendor(manager, projectId, vendorId))) throw noSuchVendor(vendorId)
}

export const noSuchVendor = (vendorId: string) => notFound('vendor in this project', vendorId)

/**
 * Gives an open task to a vendor, or (null) to people. What was answered stays answered; whoever had the rest loses it.
 * To the same again changes nothing.
 * @throws DomainError NOT_FOUND, CONFLICT when the task is not open or an automatic labeller answers it
 */
export async function moveTask(
  { database, bus }: Labeling,
  taskId: string,
  vendorId: string | null,
  actorId: string,
): Promise<LabellingTaskRow> {
  return database.transaction(async (manager) => {
    const task = await lockTask(manager, taskId)
    if (!task) throw notFound('labelling task', taskId)
    if (task.vendorId === vendorId) return task
    requireOpen(task)
    if (task.automaticLabellerId)
      throw new DomainError('CONFLICT', `labelling task "${task.name}" is answered by an automatic labeller`)
    if (vendorId) await requireVendorOf(manager, task.projectId, vendorId)
    const previous = task.vendorId
    await tellVendor(manager, task, 'WITHDRAWN')
    await manager.query(
      `update labelling_items set vendor_revision = null, vendor_answer = null, claimed_by = null,
              claimed_until = null, draft = null, state = case when comment is null then 'WAITING' else 'SENT_BACK' end
        where task_id = $1 and state in ('WAITING', 'SENT_BACK', 'CLAIMED')`,
      [taskId],
    )
    Object.assign(task, { vendorId, waitingSince: null, stuckSince: null })
    await manager.save(task)
    await sayAssigned(manager, bus, task, { previous, actorId })
    await tellVendor(manager, task)
    return task
  })
}
