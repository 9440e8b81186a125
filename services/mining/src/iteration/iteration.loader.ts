import { In } from 'typeorm'
import type { MiningContext } from '../context.ts'
import { IterationRow, type IterationStepRow } from './iteration.entity.ts'
import { stepsByIteration } from './iteration.ts'

/** A round's steps, PREPARE first. */
export function stepsOf(
  iterationId: string,
  { database, loader }: MiningContext,
): Promise<IterationStepRow[]> {
  return loader<string, IterationStepRow[]>('steps', (ids) => stepsByIteration(database.manager, ids)).load(
    iterationId,
  )
}

/** The iteration, if the caller may see its project. */
export async function findIteration(
  id: string,
  { access, database, loader }: MiningContext,
): Promise<IterationRow | null> {
  const iteration = await loader<string, IterationRow | null>('iteration', async (ids) => {
    const rows = await database.getRepository(IterationRow).findBy({ id: In([...ids]) })
    return ids.map((one) => rows.find((row) => row.id === one) ?? null)
  }).load(id)
  return iteration && (await access.mayInProject(iteration.projectId, 'VIEWER')) ? iteration : null
}
