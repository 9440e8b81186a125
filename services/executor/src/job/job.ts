import type { BlobRef } from '@ymir/blobs'
import type { Chunk } from '../contract/chunk.ts'

/** How far a job is. */
export const JobState = {
  QUEUED: 'QUEUED',
  PREPARING: 'PREPARING',
  RUNNING: 'RUNNING',
  COLLECTING: 'COLLECTING',
  SUCCEEDED: 'SUCCEEDED',
  FAILED: 'FAILED',
  CANCELLED: 'CANCELLED',
} as const
export type JobState = keyof typeof JobState

/** What a job asks of its image. */
export const JobKind = { TRAINING: 'TRAINING', MINING: 'MINING', INFERENCE: 'INFERENCE' } as const
export type JobKind = keyof typeof JobKind

/** Which state may follow which; `moveJob` is the only one who moves. */
export const transitions: Readonly<Record<JobState, readonly JobState[]>> = {
  QUEUED: ['PREPARING', 'FAILED', 'CANCELLED'],
  // back to QUEUED: the machine was lost, the job starts again
  PREPARING: ['RUNNING', 'QUEUED', 'FAILED', 'CANCELLED'],
  RUNNING: ['COLLECTING', 'QUEUED', 'FAILED', 'CANCELLED'],
  COLLECTING: ['SUCCEEDED', 'FAILED', 'CANCELLED'],
  SUCCEEDED: [],
  FAILED: [],
  CANCELLED: [],
}

export const activeStates: readonly JobState[] = ['PREPARING', 'RUNNING', 'COLLECTING']

export function isTerminal(state: JobState): boolean {
  return transitions[state].length === 0
}

/** A file of a model stage, by its name within the stage. */
export interface StageFile extends BlobRef {
  readonly name: string
}

/** What a job was asked for, beside its project, image and kinds. */
export interface JobRequest {
  /** Classes to train, or those that the model knows, in order. */
  readonly classNames: readonly string[]
  /** Hyper-parameters over those of the image's template. */
  readonly parameters: Readonly<Record<string, unknown>>
  readonly trainingVersionId?: string
  readonly validationVersionId?: string
  readonly candidateVersionId?: string
  /** Only this part of the version. */
  readonly candidateChunk?: Chunk
  /** Single images by hash, instead of a version. */
  readonly candidateImages: readonly BlobRef[]
  /** The stage to start from or to use. */
  readonly stage?: { readonly name: string; readonly files: readonly StageFile[] }
}

/** What a job left behind. */
export interface JobResult {
  /** TRAINING */
  readonly bestStageName?: string
  /** MINING: JSON Lines {"assetId", "score"}, highest first */
  readonly scores?: BlobRef
  /** MINING, where the image tells them: JSON Lines, an AssetDetails each */
  readonly details?: BlobRef
  /** INFERENCE: JSON Lines {"assetId", "annotations": [{"label", "score", "box"}]} */
  readonly predictions?: BlobRef
}
