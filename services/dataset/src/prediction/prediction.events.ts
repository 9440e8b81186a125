import { readJsonLines, type Blobs } from '@ymir/blobs'
import type { Bus } from '@ymir/bus'
import type { Prediction } from '@ymir/graphql'
import { EvaluationStateChangedSchema } from '@ymir/proto-events'
import { DatasetVersion } from '../version/version.entity.ts'
import { PredictionSet } from './prediction-set.entity.ts'
import { type AssetPredictions, storePredictionSet, writePredictions } from './prediction.store.ts'

/** A line of a job's predictions (`JobResult.predictions`). */
interface JobLine {
  readonly assetId: string
  readonly annotations: readonly Prediction[]
}

/**
 * Hears what model stages found in versions and keeps it beside their ground truth: one set of a stage and a version, the
 * newest. Before the bus starts.
 */
export function listenForPredictions(bus: Bus, blobs: Blobs): void {
  bus.handle(EvaluationStateChangedSchema, async (event, { manager }) => {
    const { state, versionId, stageId, predictionsSha256 } = event
    if (state === 'RUNNING' || !predictionsSha256) return
    if (!(await manager.existsBy(DatasetVersion, { id: versionId }))) return // deleted meanwhile
    const written = await writePredictions(blobs, predictionsOf(blobs, predictionsSha256))
    const of = { versionId, sourceKind: 'MODEL', sourceId: stageId } as const
    await manager.delete(PredictionSet, of)
    await storePredictionSet(manager, written, of)
  })
}

async function* predictionsOf(blobs: Blobs, sha256: string): AsyncGenerator<AssetPredictions> {
  for await (const { assetId, annotations } of readJsonLines<JobLine>(blobs.read(sha256)))
    if (annotations.length > 0) yield { assetId, predictions: annotations }
}
