import { DomainError, notFound, type GraphClient } from '@ymir/graphql'
import type { EntityManager } from 'typeorm'
import { checkImage, type ImageToMineWith, usualStrategy } from '../task/image-check.ts'
import type { StageToMineWith } from '../task/mining-task.ts'
import { checkSettings } from '../task/settings.ts'
import { IterationRow } from './iteration.entity.ts'
import { stepsByIteration, type IterationSettings, type IterationStart } from './iteration.ts'
import { checkVendors, withLabeller } from './labeller.ts'
import { inLine, type Line } from './line.ts'
import { stateOfRound } from './step.ts'

/** What someone may choose for a round; from the second on, what is left out is taken over from the round before. */
export type IterationChoice = Partial<IterationSettings> & {
  readonly miningVersionId?: string
  readonly trainingVersionId?: string
  readonly startModelId?: string
}

export interface NextRound {
  readonly round: number
  readonly settings: IterationSettings
  readonly start: IterationStart
}

const defaults = {
  aggregate: 'MAX',
  topK: 20,
  deduplicate: true,
  annotate: true,
  seed: 0,
  automaticLabellerId: null,
  keepAnnotations: false,
  trainingParameters: {},
  warmStart: true,
  gpuCount: 0,
  automatic: true,
} satisfies Partial<IterationSettings>

/** Where a round left off. */
export interface LeftOff extends Pick<
  IterationStart,
  'miningVersionId' | 'trainingVersionId' | 'minedVersionIds'
> {
  readonly round: number
  readonly settings: IterationSettings
  readonly modelId: string | undefined
}

/**
 * Fills in a round from the choice, the round before, and the defaults, and checks it through the graph.
 * @param origin where a branch begins, which has no round before
 * @throws DomainError BAD_USER_INPUT that names what is missing; CONFLICT while the round before has not ended;
 *   NOT_FOUND for what is not in the project
 */
export async function fillInNextRound(
  manager: EntityManager,
  { graph, asAdministrator }: { graph: GraphClient; asAdministrator: boolean },
  line: Line,
  choice: IterationChoice,
  origin?: LeftOff,
): Promise<NextRound> {
  const { projectId } = line
  const before = (await roundBefore(manager, line)) ?? origin
  const { miningVersionId, trainingVersionId, startModelId, ...chosen } = choice
  const given = { ...defaults, ...before?.settings, ...withLabeller(withoutUndefined(chosen)) }
  const mining = required('miningVersionId', miningVersionId ?? before?.miningVersionId)
  const training = required('trainingVersionId', trainingVersionId ?? before?.trainingVersionId)
  const model = required('startModelId', startModelId ?? before?.modelId)
  const testVersionId = required('testVersionId', given.testVersionId)
  const executorImageId = required('executorImageId', given.executorImageId)

  const found = await graph.query<NextRoundAnswer>(roundQuery, {
    mining,
    training,
    testVersionId,
    model,
    executorImageId,
  })
  const pool = inProject(found.mining, 'dataset version', mining, projectId)
  const trainingSet = inProject(found.training, 'dataset version', training, projectId)
  inProject(found.test, 'dataset version', testVersionId, projectId)
  const startModel = inProject(found.model, 'model', model, projectId)
  if (!startModel.bestStage)
    throw new DomainError(
      'CONFLICT',
      `model ${startModel.name} has no stage yet: it is ${startModel.state}`,
      { field: 'startModelId' },
    )
  checkImage(found.executorImage, executorImageId, { annotate: given.annotate, asAdministrator })
  const usual = usualStrategy(found.executorImage, startModel.trainingVersion !== null)
  const settings = { strategy: usual, ...given, testVersionId, executorImageId }
  checkSettings(settings, startModel.classes)
  await checkVendors(graph, projectId, settings.vendorIds)

  return {
    round: (before?.round ?? 0) + 1,
    settings,
    start: {
      miningVersionId: mining,
      miningDatasetId: pool.dataset.id,
      miningDatasetName: pool.dataset.name,
      poolCount: pool.assetCount,
      trainingVersionId: training,
      trainingDatasetId: trainingSet.dataset.id,
      trainingCount: trainingSet.assetCount,
      modelId: model,
      modelName: startModel.name,
      map50: startModel.map50,
      stage: { ...startModel.bestStage, classes: startModel.classes },
      minedVersionIds: before?.minedVersionIds ?? [],
    },
  }
}

/** Where the round before left off; undefined before the first. */
async function roundBefore(manager: EntityManager, line: Line): Promise<LeftOff | undefined> {
  const last = await manager.findOne(IterationRow, { where: inLine(line), order: { round: 'DESC' } })
  if (!last) return undefined
  const [steps = []] = await stepsByIteration(manager, [last.id])
  const state = stateOfRound(steps)
  if (state === 'RUNNING' || state === 'WAITING')
    throw new DomainError('CONFLICT', `round ${last.round} is ${state}: finish or cancel it first`, {
      iterationId: last.id,
    })
  const [prepare, mine, , merge, train] = steps
  return {
    round: last.round,
    settings: last.settings,
    miningVersionId: prepare?.versionId ?? last.start.miningVersionId,
    trainingVersionId: merge?.versionId ?? last.start.trainingVersionId,
    modelId: train?.state === 'SUCCEEDED' ? (train.outputId ?? undefined) : last.start.modelId,
    minedVersionIds: [
      ...last.start.minedVersionIds,
      ...(merge?.versionId && mine?.versionId ? [mine.versionId] : []),
    ],
  }
}

const roundQuery = /* GraphQL */ `
  query NextRound($mining: ID!, $training: ID!, $testVersionId: ID!, $model: ID!, $executorImageId: ID!) {
    mining: datasetVersion(id: $mining) {
      ...VersionOfRound
    }
    training: datasetVersion(id: $training) {
      ...VersionOfRound
    }
    test: datasetVersion(id: $testVersionId) {
      ...VersionOfRound
    }
    model(id: $model) {
      name
      state
      map50
      classes
      trainingVersion {
        id
      }
      project {
        id
      }
      bestStage {
        id
        name
        files {
          name
          sha256
          size
        }
      }
    }
    executorImage(id: $executorImageId) {
      name
      kinds
      enabled
      shared
      tellsDetails
    }
  }
  fragment VersionOfRound on DatasetVersion {
    assetCount
    project {
      id
    }
    dataset {
      id
      name
    }
  }
`

interface InProject {
  project: { id: string }
}
interface VersionOfRound extends InProject {
  assetCount: number
  dataset: { id: string; name: string }
}
interface ModelOfRound extends InProject {
  name: string
  state: string
  map50: number | null
  classes: string[]
  trainingVersion: { id: string } | null
  bestStage: Omit<StageToMineWith, 'classes'> | null
}
interface NextRoundAnswer {
  mining: VersionOfRound | null
  training: VersionOfRound | null
  test: VersionOfRound | null
  model: ModelOfRound | null
  executorImage: ImageToMineWith | null
}

function inProject<Thing extends InProject>(
  thing: Thing | null,
  what: string,
  id: string,
  projectId: string,
): Thing {
  if (thing?.project.id !== projectId) throw notFound(`${what} in this project`, id)
  return thing
}

function required<Value>(field: string, value: Value | null | undefined): Value {
  if (value) return value
  throw new DomainError(
    'BAD_USER_INPUT',
    `${field} is needed for the first round; later rounds take it over`,
    { field },
  )
}

/** GraphQL gives undefined or null for what was left out; null for the automatic labeller says that people label. */
export function withoutUndefined<Choice extends object>(choice: Choice): Partial<Choice> {
  const isGiven = ([name, value]: [string, unknown]) =>
    value !== undefined && (value !== null || name === 'automaticLabellerId')
  return Object.fromEntries(Object.entries(choice).filter(isGiven)) as Partial<Choice> // the same keys, fewer
}
