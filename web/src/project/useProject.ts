import { useQuery } from '@apollo/client/react'
import { useParams } from 'react-router'
import type { ProjectRole } from '../graph/schema.generated.ts'
import { ProjectDocument } from './project.generated.ts'

/** What a member may do, in the order of what they may. */
const roles = ['VIEWER', 'ANNOTATOR', 'EDITOR', 'OWNER'] as const

/** The project of this address, `/projects/:projectId`, for its page and its tabs; asked for once. */
export function useProject() {
  const { projectId = '' } = useParams()
  const { data, error, refetch } = useQuery(ProjectDocument, { variables: { id: projectId } })
  return { projectId, project: data?.project, isMissing: data?.project === null, error, refetch }
}

/** Whether the viewer may do in a project what takes at least this role. */
export function mayAs(
  role: (typeof roles)[number],
  project: { readonly myRole: ProjectRole | null } | null | undefined,
): boolean {
  const mine = project?.myRole
  return mine != null && roles.indexOf(mine) >= roles.indexOf(role)
}
