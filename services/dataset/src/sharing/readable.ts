import type { Access } from '@ymir/graphql'
import type { DataSource } from 'typeorm'

/** Whose right is asked for: a version, or a dataset with its own id as `datasetId`. */
export interface Readable {
  readonly projectId: string
  readonly datasetId: string
}

interface Asking {
  readonly access: Access
  readonly database: DataSource
}

/**
 * May the caller read this dataset or version? Members of its project may, and everyone signed in when it is public.
 * @throws DomainError UNAUTHENTICATED or FORBIDDEN
 */
export async function requireReadable(asking: Asking, { projectId, datasetId }: Readable): Promise<void> {
  if (await isReadable(asking, { projectId, datasetId })) return
  await asking.access.requireProject(projectId, 'VIEWER') // says what is missing
}

/** As `requireReadable`, for what is left out instead of refused. */
export async function isReadable(
  { access, database }: Asking,
  { projectId, datasetId }: Readable,
): Promise<boolean> {
  if (await access.mayInProject(projectId, 'VIEWER')) return true
  const rows: unknown[] = await database.query('select from datasets where id = $1 and public', [datasetId])
  return rows.length > 0
}
