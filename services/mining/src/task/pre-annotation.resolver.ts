import { readJsonLines, type Blobs } from '@ymir/blobs'
import { Prediction } from '@ymir/graphql'
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import type { MiningContext } from '../context.ts'
import { MinedAsset, type AssetOfTask } from './mining-task.type.ts'

/** A line of what the job found in what was mined. */
interface Found {
  readonly assetId: string
  readonly annotations: readonly Prediction[]
}

@Resolver(() => MinedAsset)
export class PreAnnotationResolver {
  @FieldResolver(() => [Prediction], {
    description: 'What the model found in it; empty when the task did not pre-annotate.',
  })
  predictions(
    @Root() { assetId, task }: AssetOfTask,
    @Ctx() { blobs, loader }: MiningContext,
  ): Promise<readonly Prediction[]> {
    const sha256 = task.minedPredictions?.sha256
    if (!sha256) return Promise.resolve([])
    return loader<string, readonly Prediction[]>(`pre-annotations ${sha256}`, (assetIds) =>
      readPreAnnotations(blobs, sha256, assetIds),
    ).load(assetId)
  }
}

/** Reads line by line, and no further than the last asset that is asked for. */
async function readPreAnnotations(
  blobs: Blobs,
  sha256: string,
  assetIds: readonly string[],
): Promise<(readonly Prediction[])[]> {
  const wanted = new Set(assetIds)
  const found = new Map<string, readonly Prediction[]>()
  for await (const { assetId, annotations } of readJsonLines<Found>(blobs.read(sha256))) {
    if (wanted.has(assetId)) found.set(assetId, annotations)
    if (found.size === wanted.size) break
  }
  return assetIds.map((assetId) => found.get(assetId) ?? [])
}
