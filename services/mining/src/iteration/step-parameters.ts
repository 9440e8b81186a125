import { DomainError } from '@ymir/graphql'
import { z } from 'zod'
import type { IterationSettings } from './iteration.ts'

const changeable = z.strictObject({
  executorImageId: z.uuid(),
  strategy: z.enum(['RANDOM', 'ENTROPY', 'LEAST_CONFIDENCE', 'MARGIN']),
  aggregate: z.enum(['MAX', 'MEAN', 'SUM']),
  topK: z.int().min(1).max(100_000),
  annotate: z.boolean(),
  seed: z.int().min(0).max(2_147_483_647),
  automaticLabellerId: z.uuid().nullable(),
  keepAnnotations: z.boolean(),
  trainingParameters: z.record(z.string(), z.unknown()),
  warmStart: z.boolean(),
  gpuCount: z.int().min(0).max(64),
})

/**
 * The settings that a single run of a step changes, checked.
 * @throws DomainError BAD_USER_INPUT that names the parameter at fault
 */
export function changesOf(parameters: Readonly<Record<string, unknown>>): Partial<IterationSettings> {
  const checked = changeable.partial().safeParse(parameters)
  if (checked.success) return checked.data
  const problems = checked.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'parameters'}: ${message}`,
  )
  throw new DomainError('BAD_USER_INPUT', problems.join('; '), { field: 'parameters' })
}
