import type { StrategyName } from '../strategy/strategies.ts'
import type { IterationRow, IterationStepRow } from './iteration.entity.ts'
import { nameOfModel } from './iteration.ts'
import { testVersionOf, type RoundRecord } from './record.ts'
import { stateOfRound } from './step.ts'

/** A line of the table of rounds; the first is where they began. */
export interface RoundLine {
  /** 0 where the first iteration of the project began. */
  readonly round: number
  readonly iterationId: string | null
  readonly strategy: StrategyName | null
  /** Assets that the round's model was trained on. */
  readonly trainingCount: number
  readonly trainingVersionId: string
  /** Assets left in the pool after the round. */
  readonly poolCount: number
  /** Assets that were mined, and so had to be labelled. */
  readonly imageCount: number
  readonly minedVersionId: string | null
  readonly labelledVersionId: string | null
  readonly testVersionId: string
  readonly modelId: string
  readonly modelName: string
  /** mAP at IoU 0.5 on the test set, 0 to 1. */
  readonly map50: number | null
  /** Against the round before. */
  readonly change: number | null
  /** Null at the start, and until it is known. */
  readonly record: RoundRecord | null
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
}

export type IterationWithSteps = readonly [IterationRow, readonly IterationStepRow[]]

/**
 * The table of rounds.
 * @param iterations of one line in the order of their rounds, each with its steps; those that have not succeeded are
 *   left out
 */
export function roundsOf(iterations: readonly IterationWithSteps[]): RoundLine[] {
  const first = iterations[0]?.[0]
  if (!first) return []
  const lines = [startOf(first)]
  for (const [iteration, steps] of iterations) {
    const line = lineOf(iteration, steps, lines.at(-1)?.map50 ?? null)
    if (line) lines.push(line)
  }
  return lines
}

function startOf({ round, start, settings }: IterationRow): RoundLine {
  return {
    round: round - 1,
    iterationId: null,
    strategy: null,
    trainingCount: start.trainingCount,
    trainingVersionId: start.trainingVersionId,
    poolCount: start.poolCount,
    imageCount: 0,
    minedVersionId: null,
    labelledVersionId: null,
    testVersionId: settings.testVersionId,
    modelId: start.modelId,
    modelName: start.modelName,
    map50: start.map50,
    change: null,
    record: null,
    startedAt: null,
    finishedAt: null,
  }
}

/** Undefined while the round has not succeeded. */
function lineOf(
  iteration: IterationRow,
  steps: readonly IterationStepRow[],
  before: number | null,
): RoundLine | undefined {
  const [prepare, mine, label, merge, train] = steps
  if (stateOfRound(steps) !== 'SUCCEEDED' || !merge?.versionId || !train?.outputId) return undefined
  return {
    round: iteration.round,
    iterationId: iteration.id,
    strategy: iteration.settings.strategy,
    trainingCount: merge.assetCount ?? 0,
    trainingVersionId: merge.versionId,
    poolCount: (prepare?.assetCount ?? 0) - (mine?.assetCount ?? 0),
    imageCount: mine?.assetCount ?? 0,
    minedVersionId: mine?.versionId ?? null,
    labelledVersionId: label?.versionId ?? null,
    testVersionId: testVersionOf(iteration, train),
    modelId: train.outputId,
    modelName: nameOfModel(iteration),
    map50: train.map50,
    change: train.map50 === null || before === null ? null : train.map50 - before,
    record: iteration.record,
    startedAt: prepare?.startedAt ?? null,
    finishedAt: train.finishedAt,
  }
}
