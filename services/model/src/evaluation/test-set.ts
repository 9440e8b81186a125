import { readJsonLines, type Blobs } from '@ymir/blobs'
import type { Detection, GroundTruthBox } from '@ymir/detection'
import { notFound, type GraphClient } from '@ymir/graphql'

const manifestQuery = /* GraphQL */ `
  query ManifestToEvaluateOn($versionId: ID!) {
    datasetVersion(id: $versionId) {
      manifest {
        sha256
      }
    }
  }
`

interface Box {
  x: number
  y: number
  width: number
  height: number
}
interface ManifestLine {
  assetId: string
  annotations: { label: string; box: Box; crowd?: boolean }[]
}
/** A line of a job's predictions. */
export interface PredictionLine {
  assetId: string
  annotations: { label: string; box: Box; score: number }[]
}

/** The images and the ground truth of a dataset version. @throws DomainError NOT_FOUND */
export async function readGroundTruth(
  graph: GraphClient,
  blobs: Blobs,
  versionId: string,
): Promise<{ images: string[]; groundTruth: GroundTruthBox[] }> {
  const answer = await graph.query<{ datasetVersion: { manifest: { sha256: string } } | null }>(
    manifestQuery,
    { versionId },
  )
  if (!answer.datasetVersion) throw notFound('dataset version', versionId)
  const images: string[] = []
  const groundTruth: GroundTruthBox[] = []
  for await (const line of readJsonLines<ManifestLine>(blobs.read(answer.datasetVersion.manifest.sha256))) {
    images.push(line.assetId)
    for (const { label, box, crowd } of line.annotations)
      groundTruth.push({ imageId: line.assetId, label, box, isCrowd: crowd ?? false })
  }
  return { images, groundTruth }
}

/** The predictions of a job. */
export async function readDetections(blobs: Blobs, sha256: string): Promise<Detection[]> {
  const detections: Detection[] = []
  for await (const { assetId, annotations } of readJsonLines<PredictionLine>(blobs.read(sha256)))
    for (const { label, box, score } of annotations) detections.push({ imageId: assetId, label, box, score })
  return detections
}
