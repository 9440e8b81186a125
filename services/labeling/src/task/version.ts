import { readJsonLines, type BlobRef, type Blobs } from '@ymir/blobs'
import type { BoxXywh } from '@ymir/detection'
import { DomainError, notFound, type GraphClient } from '@ymir/graphql'
import type { PreAnnotations } from './labelling-task.entity.ts'

/** The federated graph, asked as this service. */
export type Graph = Pick<GraphClient, 'query'>

/** A line of a version's manifest. */
export interface ManifestLine {
  readonly assetId: string
  readonly width: number
  readonly height: number
  readonly annotations: readonly ManifestAnnotation[]
}

/** An annotation as the dataset service stores it. */
export interface ManifestAnnotation {
  readonly label: string
  readonly box: BoxXywh
  /** Radians, clockwise about the middle of the box. */
  readonly rotation?: number
  readonly difficult?: boolean
  readonly truncated?: boolean
  readonly crowd?: boolean
}

const placeQuery = /* GraphQL */ `
  query PlaceOfVersionToLabel($versionId: ID!) {
    datasetVersion(id: $versionId) {
      project {
        id
      }
    }
  }
`

interface PlaceAnswer {
  readonly datasetVersion: { readonly project: { readonly id: string } | null } | null
}

/** @throws DomainError NOT_FOUND when there is no such version in the project */
export async function requireVersionInProject(
  graph: Graph,
  projectId: string,
  versionId: string,
): Promise<void> {
  const { datasetVersion } = await graph.query<PlaceAnswer>(placeQuery, { versionId })
  if (datasetVersion?.project?.id !== projectId) throw notFound('dataset version in this project', versionId)
}

const setsQuery = /* GraphQL */ `
  query PredictionsToStartFrom($versionId: ID!) {
    datasetVersion(id: $versionId) {
      history(first: 100) {
        project {
          id
        }
        predictionSets {
          id
          sha256
          size
          sourceKind
          sourceId
        }
      }
    }
  }
`

interface SetsAnswer {
  readonly datasetVersion: {
    readonly history: readonly {
      readonly project: { readonly id: string } | null
      readonly predictionSets: readonly (BlobRef & {
        readonly id: string
        readonly sourceKind: 'IMPORT' | 'MODEL'
        readonly sourceId: string
      })[]
    }[]
  } | null
}

/**
 * Where the predictions of a set are stored, and of which model stage they are.
 * @throws DomainError NOT_FOUND when it is of no version that this one was made from, or not of the project
 */
export async function findPredictions(
  graph: Graph,
  { projectId, versionId }: { readonly projectId: string; readonly versionId: string },
  setId: string,
): Promise<PreAnnotations> {
  const { datasetVersion } = await graph.query<SetsAnswer>(setsQuery, { versionId })
  const ofProject = datasetVersion?.history.filter(({ project }) => project?.id === projectId) ?? []
  const found = ofProject.flatMap(({ predictionSets }) => predictionSets).find(({ id }) => id === setId)
  if (!found) throw notFound('prediction set of this version, or of one that it was made from', setId)
  const { sha256, size, sourceKind, sourceId } = found
  return { sha256, size, ...(sourceKind === 'MODEL' && { stageId: sourceId }) }
}

const manifestQuery = /* GraphQL */ `
  query ManifestToLabel($versionId: ID!) {
    datasetVersion(id: $versionId) {
      project {
        id
      }
      manifest {
        sha256
      }
    }
  }
`

interface ManifestAnswer {
  readonly datasetVersion: {
    readonly project: { readonly id: string } | null
    readonly manifest: { readonly sha256: string }
  } | null
}

/**
 * The content of a version of a project, one asset at a time.
 * @throws DomainError NOT_FOUND when there is no such version in the project
 */
export async function readVersion(
  graph: Graph,
  blobs: Blobs,
  { projectId, versionId }: { readonly projectId: string; readonly versionId: string },
): Promise<AsyncIterable<ManifestLine>> {
  const { datasetVersion } = await graph.query<ManifestAnswer>(manifestQuery, { versionId })
  if (datasetVersion?.project?.id !== projectId) throw notFound('dataset version in this project', versionId)
  const { sha256 } = datasetVersion.manifest
  if (!(await blobs.has(sha256)))
    throw new DomainError(
      'NOT_FOUND',
      `the manifest ${sha256} of dataset version ${versionId} is not in the blob store`,
    )
  return readJsonLines<ManifestLine>(blobs.read(sha256))
}

/** Groups of at most `size`, in order. */
export async function* inGroups<T>(
  values: AsyncIterable<T> | Iterable<T>,
  size: number,
): AsyncGenerator<T[]> {
  let group: T[] = []
  for await (const value of values) {
    group.push(value)
    if (group.length < size) continue
    yield group
    group = []
  }
  if (group.length) yield group
}
