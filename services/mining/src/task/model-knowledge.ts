import type { GraphClient } from '@ymir/graphql'
import { type Knowledge, type StrategyName, strategies } from '../strategy/strategies.ts'
import { CannotChoose } from './cannot-choose.ts'

const modelQuery = /* GraphQL */ `
  query ModelThatMines($stageId: ID!) {
    modelStage(id: $stageId) {
      model {
        name
        trainingVersion {
          labels {
            label
            annotationCount
          }
        }
        evaluations {
          state
          stage {
            id
          }
          classes {
            label
            ap50
          }
        }
      }
    }
  }
`

interface ModelAnswer {
  modelStage: {
    model: {
      name: string
      trainingVersion: { labels: { label: string; annotationCount: number }[] } | null
      evaluations: {
        state: string
        stage: { id: string }
        classes: { label: string; ap50: number | null }[]
      }[]
    }
  } | null
}

export type ModelKnowledge = Pick<Knowledge, 'labelledPerClass' | 'difficulties'>

/**
 * What the strategies ask of the model that mines: the boxes of each class that it was trained on, and how badly it finds each
 * class, 1 - AP at IoU 0.5 by the newest evaluation of the stage. Asks the graph only where a strategy does.
 * @param classes of the model, in its order
 * @throws CannotChoose when that is not known
 */
export async function knowledgeOfModel(
  graph: GraphClient,
  stageId: string,
  classes: readonly string[],
  names: readonly StrategyName[],
): Promise<ModelKnowledge> {
  const questions = new Set(names.flatMap((name) => strategies[name].asks ?? []))
  if (questions.size === 0) return { labelledPerClass: [], difficulties: [] }
  const { modelStage } = await graph.query<ModelAnswer>(modelQuery, { stageId })
  if (!modelStage) throw new CannotChoose(`there is no model stage ${stageId} any more: mine with another`)
  const { model } = modelStage
  return {
    labelledPerClass: questions.has('LABELLED_COUNTS') ? labelledPerClass(model, classes, names) : [],
    difficulties: questions.has('AVERAGE_PRECISIONS') ? difficulties(model, stageId, classes, names) : [],
  }
}

type Model = NonNullable<ModelAnswer['modelStage']>['model']

function labelledPerClass(
  { name, trainingVersion }: Model,
  classes: readonly string[],
  names: readonly string[],
) {
  if (!trainingVersion)
    throw new CannotChoose(
      `the set that model ${name} was trained on is gone, and ${names.join(', ')} goes by its boxes of each class: choose another strategy`,
    )
  const counts = new Map(trainingVersion.labels.map((one) => [one.label, one.annotationCount]))
  return classes.map((label) => counts.get(label) ?? 0)
}

function difficulties(
  { name, evaluations }: Model,
  stageId: string,
  classes: readonly string[],
  names: readonly string[],
) {
  const evaluation = evaluations.find(({ state, stage }) => state === 'SUCCEEDED' && stage.id === stageId)
  if (!evaluation)
    throw new CannotChoose(
      `this stage of model ${name} has not been evaluated, and ${names.join(', ')} goes by its average precision of each class: ` +
        `evaluate it on a test set, or choose another strategy`,
    )
  const found = new Map(evaluation.classes.map(({ label, ap50 }) => [label, ap50]))
  return classes.map((label) => 1 - (found.get(label) ?? 0))
}
