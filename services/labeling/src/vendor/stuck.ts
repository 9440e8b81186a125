import type { Bus } from '@ymir/bus'
import { LabellingTaskStuckSchema } from '@ymir/proto-events'
import type { DataSource } from 'typeorm'
import { countItems } from '../task/counts.ts'
import { lockTask } from '../task/labelling-task.ts'

/** Says of which tasks nothing has come from their vendors for too long; once, until something comes. */
export async function reportStuck(database: DataSource, bus: Bus): Promise<void> {
  const silent: { id: string }[] = await database.query(
    `select id from labelling_tasks
      where vendor_id is not null and state = 'OPEN' and stuck_since is null
        and waiting_since < now() - make_interval(secs => stuck_after_seconds)`,
  )
  for (const { id } of silent)
    await database.transaction(async (manager) => {
      const task = await lockTask(manager, id)
      if (task?.state !== 'OPEN' || !task.vendorId || !task.waitingSince || task.stuckSince) return
      const silentSeconds = Math.floor((Date.now() - task.waitingSince.getTime()) / 1_000)
      if (silentSeconds < task.stuckAfterSeconds) return
      const { todo } = await countItems(manager, id)
      if (todo === 0) return // it waits for a reviewer
      task.stuckSince = new Date()
      await manager.save(task)
      await bus.emit(manager, LabellingTaskStuckSchema, {
        projectId: task.projectId,
        labellingTaskId: id,
        vendorId: task.vendorId,
        todoCount: BigInt(todo),
        silentSeconds: BigInt(silentSeconds),
      })
    })
}
