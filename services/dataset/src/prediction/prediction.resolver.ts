import { notFound, Prediction } from '@ymir/graphql'
import { Arg, Ctx, FieldResolver, ID, Resolver, Root } from 'type-graphql'
import { In } from 'typeorm'
import { Asset } from '../asset/asset.type.ts'
import type { DatasetContext } from '../context.ts'
import { loadById } from '../dataset/dataset.resolver.ts'
import { DatasetVersion } from '../version/version.entity.ts'
import { isUuid, readVersion } from '../version/version.store.ts'
import { PredictionSet } from './prediction-set.entity.ts'
import { readPredictions } from './prediction.store.ts'

@Resolver(() => DatasetVersion)
export class VersionPredictionsResolver {
  @FieldResolver(() => [PredictionSet], { description: 'What models found in its images, the oldest first.' })
  predictionSets(
    @Root() { id }: DatasetVersion,
    @Ctx() { loader, database }: DatasetContext,
  ): Promise<PredictionSet[]> {
    const byVersion = loader<string, PredictionSet[]>('prediction sets of version', async (ids) => {
      const sets = await database.manager.find(PredictionSet, {
        where: { versionId: In([...ids]) },
        order: { createdAt: 'ASC' },
      })
      return ids.map((one) => sets.filter(({ versionId }) => versionId === one))
    })
    return byVersion.load(id)
  }
}

@Resolver(() => Asset)
export class AssetPredictionsResolver {
  @FieldResolver(() => [Prediction], { description: 'What a prediction set says of this image.' })
  async predictions(
    @Root() { id }: Asset,
    @Arg('setId', () => ID) setId: string,
    @Ctx() context: DatasetContext,
  ): Promise<readonly Prediction[]> {
    const byAsset = context.loader<string, readonly Prediction[]>(
      `predictions of set ${setId}`,
      async (assetIds) => {
        const set = isUuid(setId) ? await loadById(context, PredictionSet, setId) : null
        if (!set) throw notFound('prediction set', setId)
        const { projectId } = await readVersion(context.database.manager, set.versionId)
        await context.access.requireProject(projectId, 'VIEWER')
        return readPredictions(context.database.manager, context.blobs, set, assetIds)
      },
    )
    return byAsset.load(id)
  }
}
