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

export function taskById(
  { database, loader }: LabelingContext,
  id: string,
): Promise<LabellingTaskRow | null> {
  return loader<string, LabellingTaskRow | null>('labelling task', async (ids) => {
    const rows = await database.manager.findBy(LabellingTaskRow, { id: In([...ids]) })
    return ids.map((one) => rows.find((row) => row.id === one) ?? null)
  }).load(id)
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

export function countsOf({ database, loader }: LabelingContext, taskId: string): Promise<ItemCounts> {
  return loader<string, ItemCounts>('item counts of labelling task', (ids) =>
    countItemsOfTasks(database.manager, ids),
  ).load(taskId)
}
