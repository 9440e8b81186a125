import { useQuery } from '@apollo/client/react'
import { useParams } from 'react-router'
import { ProjectDocument } from './project.generated.ts'

/** The project of this address, `/projects/:projectId`, for its page and its tabs; asked for once. */
export function useProject() {
  const { projectId = '' } = useParams()
  const { data, error, refetch } = useQuery(ProjectDocument, { variables: { id: projectId } })
  return { projectId, project: data?.project, isMissing: data?.project === null, error, refetch }
}
