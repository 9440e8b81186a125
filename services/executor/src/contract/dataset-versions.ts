import { DomainError, type GraphClient } from '@ymir/graphql'
import { JobProblem } from '../job/failure.ts'
import { keepTrying } from '../job/keep-trying.ts'
import type { DatasetVersions } from './manifest.ts'

const manifestQuery = /* GraphQL */ `
  query ManifestOfVersion($id: ID!) {
    datasetVersion(id: $id) {
      id
      project {
        id
      }
      manifest {
        sha256
        size
      }
    }
  }
`

interface Answer {
  datasetVersion: { id: string; project: { id: string }; manifest: { sha256: string; size: number } } | null
}

/** Codes that tell of the request, not of a service that is away for a moment. */
const final = ['NOT_FOUND', 'FORBIDDEN', 'BAD_USER_INPUT', 'GRAPHQL_VALIDATION_FAILED']

/** Dataset versions as the federated graph knows them; waits for it while it is away. */
export function versionsInTheGraph(graph: GraphClient): DatasetVersions {
  return {
    manifestOf: async (versionId, projectId) => {
      const version = await keepTrying(`manifest of version ${versionId}`, async () => {
        try {
          return (await graph.query<Answer>(manifestQuery, { id: versionId })).datasetVersion
        } catch (error) {
          if (error instanceof DomainError && final.includes(error.code))
            throw new JobProblem('BAD_CONFIGURATION', `dataset version ${versionId}: ${error.message}`)
          throw error
        }
      })
      if (version?.project.id === projectId) return version.manifest
      throw new JobProblem(
        'BAD_CONFIGURATION',
        `there is no dataset version ${versionId} in project ${projectId}`,
      )
    },
  }
}
