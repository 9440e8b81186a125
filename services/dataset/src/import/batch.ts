import type { AnnotationSet, Box } from '../annotation/annotation.ts'
import type { Asset } from '../asset/entry.store.ts'
import type { ImportProblem } from './problem.ts'
import type { Counts } from './report.ts'

/** A box that the files say some model found. */
export interface FoundPrediction {
  readonly label: string
  /** 0 to 1. */
  readonly score: number
  readonly box: Box
}

/** An image that will be imported; its bytes are in the blob store. */
export interface AcceptedItem {
  readonly name: string
  readonly asset: Asset
  readonly annotationSet: AnnotationSet
  readonly predictions: readonly FoundPrediction[]
}

/** How far the check has come: from here it goes on in another process. */
export interface Checkpoint {
  /** Images that the reader has given out, in its order. */
  readonly images: number
  /** Problems that the reader has told beside the images. */
  readonly readerProblems: number
  readonly counts: Counts
  /** Labels that the annotations use, of which the workspace may not know all yet. */
  readonly labels: readonly string[]
}

/** What is stored in one transaction. */
export interface Batch {
  /** Empty once it is certain that the import is refused. */
  readonly items: readonly AcceptedItem[]
  /** Since the last batch. */
  readonly problems: readonly ImportProblem[]
  readonly checkpoint: Checkpoint
}

/** An image that came before: the same bytes again are a duplicate. */
export interface SeenAsset {
  readonly assetId: string
  readonly set: string
  readonly name: string
}
