import { isUUID } from 'class-validator'
import { notFound, type ProjectRole } from '@ymir/graphql'
import { In } from 'typeorm'
import type { LabelingContext } from '../context.ts'
import { countItemsOfTasks, type ItemCounts } from './counts.ts'
import { LabellingTaskRow } from './labelling-task.entity.ts'

/** The task, if the caller may see its project. */
export async function findLabellingTask(
  id: string,
  context: LabelingContext,
): Promise<LabellingTaskRow | null> {
  const task = isUUID(id) ? await taskById(context, id) : null
  return task && (await context.access.mayInProject(task.projectId, 'VIEWER')) ? task : null
}

export function taskById(context: LabelingContext, id: string): Promise<LabellingTaskRow | null> {
  return tasks(context).load(id)
}

export function countsOf(context: LabelingContext, taskId: string): Promise<ItemCounts> {
  return counts(context).load(taskId)
}

/** A mutation has changed the task or its items: the next in the same request sees them as they are then. */
export function forgetTask(context: LabelingContext, id: string): void {
  tasks(context).clear(id)
  counts(context).clear(id)
}

function tasks({ database, loader }: LabelingContext) {
  return loader<string, LabellingTaskRow | null>('labelling task', async (ids) => {
    const rows = await database.manager.findBy(LabellingTaskRow, { id: In([...ids]) })
    return ids.map((one) => rows.find((row) => row.id === one) ?? null)
  })
}

function counts({ database, loader }: LabelingContext) {
  return loader<string, ItemCounts>('item counts of labelling task', (ids) =>
    countItemsOfTasks(database.manager, ids),
  )
}

/** For mutations: not through the loader, which would remember how the task was before. */
export async function requireTask(
  id: string,
  { access, database }: LabelingContext,
  role: ProjectRole,
): Promise<LabellingTaskRow> {
  const task = await database.manager.findOneBy(LabellingTaskRow, { id })
  if (!task || !(await access.mayInProject(task.projectId, 'VIEWER'))) throw notFound('labelling task', id)
  await access.requireProject(task.projectId, role)
  return task
}
