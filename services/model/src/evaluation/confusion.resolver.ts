import {
  Box,
  Connection,
  connectionOf,
  ConnectionArguments,
  DomainError,
  fromCursor,
  type Page,
} from '@ymir/graphql'
import { IsOptional, Max, MaxLength, Min } from 'class-validator'
import {
  Args,
  ArgsType,
  Ctx,
  Field,
  FieldResolver,
  Float,
  ID,
  Int,
  ObjectType,
  Resolver,
  Root,
} from 'type-graphql'
import type { ModelContext } from '../context.ts'
import { findModel, findStage } from '../model/stage.resolver.ts'
import { cellsOf, imagesOf, type ConfusionOfImages } from './confusion.ts'
import type { EvaluationRow } from './evaluation.entity.ts'
import { Evaluation } from './evaluation.types.ts'

@ObjectType({ description: 'How often objects of one label were taken for another.' })
class ConfusionCell {
  @Field(() => String, { nullable: true, description: 'Null: background, nothing was there.' })
  groundTruth!: string | null

  @Field(() => String, { nullable: true, description: 'Null: background, nothing was found.' })
  predicted!: string | null

  @Field(() => Int)
  count!: number
}

@ObjectType({
  description:
    'Which label is taken for which, at IoU 0.5. A detection is paired with an object of its own label first, best score ' +
    'first as in COCO, so the diagonal holds the true positives; then with one of another label (TIDE, Bolya et al. 2020).',
})
class ConfusionMatrix {
  @Field(() => [String], { description: 'Rows and columns, background not among them.' })
  labels!: readonly string[]

  @Field(() => [ConfusionCell], { description: 'Those that are not 0, row by row.' })
  cells!: ConfusionCell[]
}

@ObjectType({ description: 'An object with the detection that took it, or one of them alone.' })
class ConfusedBoxes {
  @Field(() => Box, { nullable: true, description: 'Null: nothing was there.' })
  groundTruthBox!: Box | null

  @Field(() => Box, { nullable: true, description: 'Null: nothing was found.' })
  predictedBox!: Box | null

  @Field(() => Float, { nullable: true, description: 'Of the detection, 0 to 1.' })
  score!: number | null
}

@ObjectType({ description: 'An image in a cell of a confusion matrix.' })
class ConfusedAsset {
  @Field(() => ID, { description: 'SHA-256 of the image.' })
  assetId!: string

  @Field(() => String, { description: 'Path of the image at the gateway.' })
  url!: string

  @Field(() => [ConfusedBoxes], { description: 'Those of the cell.' })
  boxes!: ConfusedBoxes[]
}

const ConfusedAssetConnection = Connection('ConfusedAsset', () => ConfusedAsset)

const thresholdText = 'Detections with a lower score take no part; 0 to 1.'

@ArgsType()
class ConfusionArguments {
  @Min(0)
  @Max(1)
  @Field(() => Float, { defaultValue: 0.5, description: thresholdText })
  scoreThreshold!: number
}

@ArgsType()
class ConfusedAssetsArguments extends ConnectionArguments {
  @IsOptional()
  @MaxLength(200)
  @Field(() => String, { nullable: true, description: 'Label of the row; left out: background.' })
  groundTruth?: string | null

  @IsOptional()
  @MaxLength(200)
  @Field(() => String, { nullable: true, description: 'Label of the column; left out: background.' })
  predicted?: string | null

  @Min(0)
  @Max(1)
  @Field(() => Float, { defaultValue: 0.5, description: thresholdText })
  scoreThreshold!: number
}

@Resolver(() => Evaluation)
export class ConfusionResolver {
  @FieldResolver(() => ConfusionMatrix, {
    nullable: true,
    description: 'Which label is taken for which; null until it succeeded.',
  })
  async confusion(
    @Root() evaluation: EvaluationRow,
    @Args(() => ConfusionArguments) { scoreThreshold }: ConfusionArguments,
    @Ctx() context: ModelContext,
  ): Promise<ConfusionMatrix | null> {
    const confusion = await confusionOf(evaluation, scoreThreshold, context)
    return confusion && { labels: confusion.labels, cells: cellsOf(confusion) }
  }

  @FieldResolver(() => ConfusedAssetConnection, {
    description: 'The images of one cell of the confusion matrix, by id; empty until it succeeded.',
  })
  async confusedAssets(
    @Root() evaluation: EvaluationRow,
    @Args(() => ConfusedAssetsArguments) args: ConfusedAssetsArguments,
    @Ctx() context: ModelContext,
  ): Promise<Page<ConfusedAsset>> {
    const { groundTruth = null, predicted = null, scoreThreshold, ...page } = args
    if (groundTruth === null && predicted === null)
      throw new DomainError('BAD_USER_INPUT', 'name the cell: give groundTruth, predicted or both')
    const confusion = await confusionOf(evaluation, scoreThreshold, context)
    for (const label of [groundTruth, predicted])
      if (confusion && label !== null && !confusion.labels.includes(label))
        throw new DomainError(
          'BAD_USER_INPUT',
          `"${label}" is no label of the evaluation: use one of ${confusion.labels.join(', ')}`,
        )
    const images = confusion ? imagesOf(confusion, { groundTruth, predicted }) : []
    const after = page.after ? String(fromCursor(page.after, 1)[0]) : ''
    const rows = images.filter(({ assetId }) => assetId > after).slice(0, page.first + 1)
    const assets = rows.map((row) => ({
      ...row,
      url: `/files/assets/${evaluation.versionId}/${row.assetId}`,
    }))
    return connectionOf(
      assets,
      page,
      ({ assetId }) => [assetId],
      () => images.length,
    )
  }
}

async function confusionOf(
  { state, stageId, versionId, predictionsSha256 }: EvaluationRow,
  scoreThreshold: number,
  context: ModelContext,
): Promise<ConfusionOfImages | null> {
  if (state !== 'SUCCEEDED' || !predictionsSha256) return null
  const stage = await findStage(stageId, context)
  const model = stage && (await findModel(stage.modelId, context))
  if (!model) return null
  const key = { versionId, predictionsSha256, classes: model.classes, scoreThreshold }
  return context.confusions.of(key, context.graph)
}
