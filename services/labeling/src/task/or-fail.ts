import { DomainError } from '@ymir/graphql'
import type { Parts } from '../chores.ts'
import type { LabellingTaskRow } from './labelling-task.entity.ts'
import { changeState, lockTask } from './labelling-task.ts'

/**
 * Work of a chore on an open task. What would go wrong again at each try (the version is of another project, the
 * labeller is gone) fails the task with the reason; other errors (the gateway is away) are thrown, to be tried again.
 */
export async function orFail(
  { database, bus }: Pick<Parts, 'database' | 'bus'>,
  { id }: Pick<LabellingTaskRow, 'id'>,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof DomainError) || !['NOT_FOUND', 'BAD_USER_INPUT'].includes(error.code)) throw error
    await database.transaction(async (manager) => {
      const task = await lockTask(manager, id)
      if (task?.state === 'OPEN') await changeState(manager, bus, task, 'FAILED', { problem: error.message })
    })
  }
}
