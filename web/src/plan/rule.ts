import type { StopRuleInput, StopRuleOfPlan } from '../graph/schema.generated.ts'

/** What stands in the fields of a stop rule; empty is ''. */
export interface RuleFields {
  /** In percent. */
  readonly targetMap: number | string
  readonly roundsWithoutGain: number | string
  readonly maxRounds: number | string
  readonly maxImages: number | string
}

/** Whether at least one field is filled in. */
export function isRule(fields: RuleFields): boolean {
  return Object.values(fields).some((value) => value !== '')
}

export function ruleOf({ targetMap, roundsWithoutGain, maxRounds, maxImages }: RuleFields): StopRuleInput {
  const given = (value: number | string) => (value === '' ? undefined : Number(value))
  const percent = given(targetMap)
  return {
    targetMap50: percent === undefined ? undefined : percent / 100,
    roundsWithoutGain: given(roundsWithoutGain),
    maxRounds: given(maxRounds),
    maxImages: given(maxImages),
  }
}

export function fieldsOfRule({
  targetMap50,
  roundsWithoutGain,
  maxRounds,
  maxImages,
}: Omit<StopRuleOfPlan, '__typename'>): RuleFields {
  return {
    // 0.29 is 29, not 28.999999999999996
    targetMap: targetMap50 == null ? '' : Math.round(targetMap50 * 100_000) / 1_000,
    roundsWithoutGain: roundsWithoutGain ?? '',
    maxRounds: maxRounds ?? '',
    maxImages: maxImages ?? '',
  }
}
