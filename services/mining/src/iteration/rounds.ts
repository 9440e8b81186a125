import type { IterationRow, IterationStepRow } from './iteration.entity.ts'
import { stateOfRound } from './step.ts'

/** A line of the table of rounds; round 0 is where the first iteration began. */
export interface RoundLine {
  readonly round: number
  readonly iterationId: string | null
  /** Assets that the round's model was trained on. */
  readonly trainingCount: number
  readonly trainingVersionId: string
  /** Assets left in the pool after the round. */
  readonly poolCount: number
  readonly modelId: string
  /** mAP at IoU 0.5 on the test set, 0 to 1. */
  readonly map50: number | null
  /** Against the round before. */
  readonly change: number | null
}

/**
 * The table of rounds.
 * @param iterations in the order of their rounds, each with its steps; those that have not succeeded are left out
 */
export function roundsOf(
  iterations: readonly (readonly [IterationRow, readonly IterationStepRow[]])[],
): RoundLine[] {
  const first = iterations[0]?.[0]
  if (!first) return []
  const { start } = first
  const lines: RoundLine[] = [
    {
      round: 0,
      iterationId: null,
      trainingCount: start.trainingCount,
      trainingVersionId: start.trainingVersionId,
      poolCount: start.poolCount,
      modelId: start.modelId,
      map50: start.map50,
      change: null,
    },
  ]
  for (const [iteration, steps] of iterations) {
    const [prepare, mine, , merge, train] = steps
    if (stateOfRound(steps) !== 'SUCCEEDED' || !merge?.versionId || !train?.outputId) continue
    const before = lines.at(-1)?.map50 ?? null
    lines.push({
      round: iteration.round,
      iterationId: iteration.id,
      trainingCount: merge.assetCount ?? 0,
      trainingVersionId: merge.versionId,
      poolCount: (prepare?.assetCount ?? 0) - (mine?.assetCount ?? 0),
      modelId: train.outputId,
      map50: train.map50,
      change: train.map50 === null || before === null ? null : train.map50 - before,
    })
  }
  return lines
}
