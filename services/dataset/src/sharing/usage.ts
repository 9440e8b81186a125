import type { EntityManager } from 'typeorm'
import type { Dataset } from '../dataset/dataset.entity.ts'

/** Other projects with versions that were made from versions of a dataset, over any number of steps. */
export async function usingProjects(
  manager: EntityManager,
  { id, projectId }: Pick<Dataset, 'id' | 'projectId'>,
): Promise<string[]> {
  const rows: { project_id: string }[] = await manager.query(
    `with recursive made (id) as (
       select id from dataset_versions where dataset_id = $1
       union
       select version_id from version_parents join made on parent_id = made.id
     )
     select distinct project_id from made join dataset_versions using (id)
      where project_id <> $2 order by project_id`,
    [id, projectId],
  )
  return rows.map((row) => row.project_id)
}
