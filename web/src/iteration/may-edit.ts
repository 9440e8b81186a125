import type { ProjectRole } from '../graph/schema.generated.ts'

/** Whether who has this role in the project may start rounds and run their steps. */
export function mayEdit(role: ProjectRole | null | undefined): boolean {
  return role === 'EDITOR' || role === 'OWNER'
}
