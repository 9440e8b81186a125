import type { IterationRow, IterationStepRow } from './iteration.entity.ts'
import { excludedFrom, miningSettingsOf } from './iteration.ts'
import type { StepName } from './step.ts'

/**
 * What a step ran with, or would run with now: the iteration's settings, what the steps before it left, and what was
 * given for its last run.
 */
export function preFilled(
  { settings, start }: IterationRow,
  steps: readonly IterationStepRow[],
  step: IterationStepRow,
): Record<string, unknown> {
  const versionOf = (name: StepName) => steps.find((one) => one.name === name)?.versionId ?? null
  const { executorImageId } = settings
  const { testVersionId, trainingParameters, warmStart, gpuCount, keepAnnotations } = settings
  const { automaticLabellerId, vendorIds = [] } = settings
  const filled: Record<StepName, Record<string, unknown>> = {
    PREPARE: {
      versionId: start.miningVersionId,
      excludeVersionIds: excludedFrom(start),
    },
    MINE: {
      ...{ versionId: versionOf('PREPARE'), stageId: start.stage.id },
      ...miningSettingsOf(settings),
    },
    LABEL: {
      versionId: versionOf('MINE'),
      classes: start.stage.classes,
      automaticLabellerId,
      vendorIds,
      keepAnnotations,
      review: false,
    },
    MERGE: { versionIds: [start.trainingVersionId, versionOf('LABEL')] },
    TRAIN: {
      ...{
        trainingVersionId: versionOf('MERGE'),
        testVersionId,
        executorImageId,
        trainingParameters,
        gpuCount,
      },
      startStageId: warmStart ? start.stage.id : null,
    },
  }
  return { ...filled[step.name], ...step.parameters }
}
