import type { Bus } from '@ymir/bus'
import { LabellingTaskAssignedSchema } from '@ymir/proto-events'
import type { EntityManager } from 'typeorm'
import type { LabellingTaskRow } from '../task/labelling-task.entity.ts'

/** Says who labels a task from now on, and who did before (null: nobody, or people). */
export async function sayAssigned(
  manager: EntityManager,
  bus: Bus,
  { id, projectId, vendorId }: LabellingTaskRow,
  { previous, actorId }: { readonly previous: string | null; readonly actorId: string },
): Promise<void> {
  await bus.emit(manager, LabellingTaskAssignedSchema, {
    projectId,
    labellingTaskId: id,
    vendorId: vendorId ?? '',
    previousVendorId: previous ?? '',
    actorId,
  })
}
