import { isUUID } from 'class-validator'
import { In } from 'typeorm'
import type { LabelingContext } from '../context.ts'
import { AutomaticLabellerRow } from './automatic-labeller.entity.ts'

/** The labeller, if the caller may see its project. */
export async function findAutomaticLabeller(
  id: string,
  { access, database, loader }: LabelingContext,
): Promise<AutomaticLabellerRow | null> {
  if (!isUUID(id)) return null
  const labeller = await loader<string, AutomaticLabellerRow | null>('automatic labeller', async (ids) => {
    const rows = await database.manager.findBy(AutomaticLabellerRow, { id: In([...ids]) })
    return ids.map((one) => rows.find((row) => row.id === one) ?? null)
  }).load(id)
  return labeller && (await access.mayInProject(labeller.projectId, 'VIEWER')) ? labeller : null
}
