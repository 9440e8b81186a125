import type { ProjectRole } from '../graph/schema.generated.ts'

/** What a member may do, in the order of what they may. */
const roles = ['VIEWER', 'ANNOTATOR', 'EDITOR', 'OWNER'] as const

/** Whether the viewer may do in a project what takes at least this role. */
export function mayAs(
  role: (typeof roles)[number],
  project: { readonly myRole: ProjectRole | null } | null | undefined,
): boolean {
  const mine = project?.myRole
  return mine != null && roles.indexOf(mine) >= roles.indexOf(role)
}
