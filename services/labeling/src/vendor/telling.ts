import { randomUUID } from 'node:crypto'
import { encodeVendorMessage, VendorTaskChangedSchema, vendorTypeOf } from '@ymir/proto-events'
import type { EntityManager } from 'typeorm'
import { countItems } from '../task/counts.ts'
import type { LabellingTaskRow } from '../task/labelling-task.entity.ts'
import type { LabellingTaskState } from '../task/state.ts'
import { DeliveryRow, type DeliveryDoor } from './delivery.entity.ts'
import { VendorRow } from './vendor.entity.ts'

/**
 * Has the vendor of a task told how the task is now, in the caller's transaction; sent by Delivering after the commit. A
 * vendor that is told to work has the time that the task allows from now on. Without a vendor, or before the images are
 * read, there is nothing to tell.
 * @param state WITHDRAWN: the task is not the vendor's any more
 */
export async function tellVendor(
  manager: EntityManager,
  task: LabellingTaskRow,
  state: LabellingTaskState | 'WITHDRAWN' = task.state,
): Promise<void> {
  if (!task.vendorId || task.itemCount === null) return
  if (state === 'OPEN') {
    Object.assign(task, { waitingSince: new Date(), stuckSince: null })
    await manager.save(task)
  }
  const vendor = await manager.findOneByOrFail(VendorRow, { id: task.vendorId })
  if (vendor.closedAt) return
  const doors: DeliveryDoor[] = []
  if (vendor.webhookUrl && !vendor.webhookProblem) doors.push('WEBHOOK')
  if (vendor.natsKey) doors.push('NATS')
  if (!doors.length) return
  const data = encodeVendorMessage(VendorTaskChangedSchema, {
    vendorId: vendor.id,
    labellingTaskId: task.id,
    state,
    name: task.name,
    classes: task.classes,
    itemCount: task.itemCount,
    todoCount: (await countItems(manager, task.id)).todo,
    itemsPath: `/vendor/tasks/${task.id}/items`,
    resultsPath: `/vendor/tasks/${task.id}/results`,
  })
  for (const door of doors) await putNewest(manager, { vendorId: vendor.id, taskId: task.id, door, data })
}

/** What was not sent yet is replaced: it told how the task was, and a review of many images need not be as many calls. */
async function putNewest(
  manager: EntityManager,
  { vendorId, taskId, door, data }: Pick<DeliveryRow, 'vendorId' | 'taskId' | 'door' | 'data'>,
): Promise<void> {
  const [, replaced]: [unknown, number] = await manager.query(
    `update vendor_deliveries as delivery set data = $4, occurred_at = now()
      where vendor_id = $1 and task_id = $2 and door = $3 and state = 'PENDING' and attempts = 0
        and not exists (select from vendor_delivery_attempts where delivery_id = delivery.id)`,
    [vendorId, taskId, door, JSON.stringify(data)],
  )
  if (replaced) return
  const now = new Date()
  await manager.insert(DeliveryRow, {
    ...{ id: randomUUID(), vendorId, taskId, door, data },
    type: vendorTypeOf(VendorTaskChangedSchema),
    state: 'PENDING' as const,
    attempts: 0,
    occurredAt: now,
    nextAttemptAt: now,
  })
}
