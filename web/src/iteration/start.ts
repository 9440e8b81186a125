import { objectOf } from '../graph/json.ts'
import { imagesFor, type Choices } from './choices.ts'
import type { RoundsQuery } from './iteration.generated.ts'
import { strategyChoiceIn, type StrategyChoice } from './strategy-choice.ts'

/** What a round begins with; what is undefined is not chosen yet. */
export interface Start extends StrategyChoice {
  readonly trainingVersionId: string | undefined
  readonly testVersionId: string | undefined
  readonly miningVersionId: string | undefined
  readonly startModelId: string | undefined
  readonly startImageId: string | undefined
  readonly topK: number
  readonly annotate: boolean
  readonly automatic: boolean
  readonly trainingParameters: Readonly<Record<string, unknown>>
}

const needed = [
  'trainingVersionId',
  'testVersionId',
  'miningVersionId',
  'startModelId',
  'startImageId',
] as const

export type MissingField = (typeof needed)[number] | 'topK'

/** The fields that must be chosen before the round can start. */
export function missingIn(start: Start): MissingField[] {
  return [...needed.filter((field) => !start[field]), ...(start.topK >= 1 ? [] : (['topK'] as const))]
}

/**
 * The model to begin with gives the sets that it was trained and tested on, its image and its parameters.
 * @param modelId of another than the newest
 */
export function startOfFirstRound({ models, images, versions }: Choices, modelId?: string): Start {
  const model = models.find(({ id }) => id === modelId) ?? models[0]
  const ownImage = images.find(({ id }) => id === model?.executorImage.id)
  const chosenImage = ownImage ?? imagesFor(images, 'TRAINING', 'MINING')[0]
  const used = [model?.trainingVersion.id, model?.testVersion.id]
  const usedDatasets = versions.filter(({ id }) => used.includes(id)).map(({ datasetId }) => datasetId)
  const left = versions.filter(({ datasetId }) => !usedDatasets.includes(datasetId))
  return {
    trainingVersionId: model?.trainingVersion.id,
    testVersionId: model?.testVersion.id,
    // what else there is, if it is one: guessing among several would be hoping
    miningVersionId: left.length === 1 ? left[0]?.id : undefined,
    startModelId: model?.id,
    startImageId: chosenImage?.id,
    ...strategyChoiceIn({ strategy: chosenImage?.tellsDetails ? 'CLASS_BALANCE' : 'ENTROPY' }),
    topK: 20,
    annotate: true,
    automatic: false,
    trainingParameters: objectOf(model?.parameters),
  }
}

type Iteration = NonNullable<RoundsQuery['project']>['iterations'][number]

/** What the round before left: its model, its training set with what it added, its pool without what it mined. */
export function startOfNextRound({
  automatic,
  model,
  startModel,
  miningVersion,
  trainingVersion,
  testVersion,
  steps,
}: Iteration): Start {
  const [prepare, mine, , merge, train] = steps
  const mining = objectOf(mine?.parameters)
  const training = objectOf(train?.parameters)
  return {
    trainingVersionId: (merge?.version ?? trainingVersion).id,
    testVersionId: testVersion.id,
    miningVersionId: (prepare?.version ?? miningVersion).id,
    startModelId: (model ?? startModel).id,
    startImageId: typeof mining.executorImageId === 'string' ? mining.executorImageId : undefined,
    ...strategyChoiceIn(mining),
    topK: typeof mining.topK === 'number' ? mining.topK : 20,
    annotate: mining.annotate !== false,
    automatic,
    trainingParameters: objectOf(training.trainingParameters),
  }
}
