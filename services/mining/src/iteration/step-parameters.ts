import { DomainError } from '@ymir/graphql'
import { z } from 'zod'
import { strategyNames } from '../strategy/strategies.ts'
import type { IterationSettings } from './iteration.ts'
import { withLabeller } from './labeller.ts'
import type { StepName } from './step.ts'

const versionsAtMost = 100
export const vendorsAtMost = 20
const versionIds = z.array(z.uuid()).min(1).max(versionsAtMost)

/** What one run of a step works on, other than what the round gives it. */
const chosen = {
  PREPARE: { versionId: z.uuid(), excludeVersionIds: versionIds },
  MINE: {},
  LABEL: { classes: z.array(z.string().min(1).max(200)).min(1).max(1_000), review: z.boolean() },
  MERGE: { versionIds },
  TRAIN: { testVersionId: z.uuid() },
}

const settings = {
  executorImageId: z.uuid(),
  strategy: z.enum(strategyNames),
  strategies: z
    .array(z.strictObject({ strategy: z.enum(strategyNames), weight: z.number().min(0.01).max(100) }))
    .max(5),
  aggregate: z.enum(['MAX', 'MEAN', 'SUM', 'TOP_MEAN']),
  aggregateCount: z.int().min(1).max(1_000),
  scoreWithoutDetections: z.number().min(0).max(1_000_000),
  topK: z.int().min(1).max(100_000),
  budgetBoxes: z.int().min(0).max(10_000_000).nullable(),
  minShare: z
    .array(z.strictObject({ label: z.string().min(1).max(200), share: z.number().min(0).max(1) }))
    .max(100),
  deduplicate: z.boolean(),
  duplicateHashBits: z.int().min(0).max(32),
  duplicateEmbeddingDistance: z.number().min(0).max(2),
  annotate: z.boolean(),
  seed: z.int().min(0).max(2_147_483_647),
  automaticLabellerId: z.uuid().nullable(),
  vendorIds: z.array(z.uuid()).max(vendorsAtMost),
  keepAnnotations: z.boolean(),
  trainingParameters: z.record(z.string(), z.unknown()),
  warmStart: z.boolean(),
  gpuCount: z.int().min(0).max(64),
}

/** What a single run of a step changes: settings of the iteration, and what the step works on. */
export interface StepChanges extends Partial<IterationSettings> {
  /** PREPARE: the pool. */
  readonly versionId?: string
  /** PREPARE: versions whose assets are left out of it. */
  readonly excludeVersionIds?: readonly string[]
  /** LABEL: the classes to draw. */
  readonly classes?: readonly string[]
  /** LABEL: whether a second person looks at each answer. */
  readonly review?: boolean
  /** MERGE: the versions that make the training set; of two truths about an asset the last wins. */
  readonly versionIds?: readonly string[]
}

/**
 * What a single run of a step changes, checked. Whose the versions are is checked by who makes versions of them.
 * @throws DomainError BAD_USER_INPUT that names the parameter at fault
 */
export function changesOf(step: StepName, parameters: Readonly<Record<string, unknown>>): StepChanges {
  const changeable = z.strictObject({ ...settings, ...chosen[step] }).partial()
  const checked = changeable.safeParse(parameters)
  if (checked.success) return withLabeller(checked.data)
  const problems = checked.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'parameters'}: ${message}`,
  )
  throw new DomainError('BAD_USER_INPUT', problems.join('; '), { field: 'parameters' })
}

/** The choices of an earlier run that still hold when the steps before it run again: what it worked on does not. */
export function keptChoices(
  step: StepName,
  parameters: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => !(name in chosen[step])))
}
