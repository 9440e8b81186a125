import { objectOf } from '../graph/json.ts'
import type { ChangePlanInput, IterationStepName } from '../graph/schema.generated.ts'
import { settingOf, whoIn } from '../iteration/labeller.ts'
import { stepNames } from '../iteration/next.ts'
import {
  isWithinBudget,
  settingsOfChoice,
  strategyChoiceIn,
  type StrategyChoice,
} from '../iteration/strategy-choice.ts'
import type { PlansQuery } from './plan.generated.ts'
import { fieldsOfRule, isRule, ruleOf, type RuleFields } from './rule.ts'

type Plan = NonNullable<PlansQuery['project']>['plans'][number]

/** What stands in the fields of a plan. */
export interface PlanFields {
  readonly name: string
  readonly choice: StrategyChoice
  readonly topK: number | string
  /** As `whoIn` says it. */
  readonly who: string
  readonly rule: RuleFields
  readonly gates: readonly string[]
}

export function fieldsOfPlan({ name, topK, settings, stopRule, gates }: Plan): PlanFields {
  const known = objectOf(settings)
  return {
    name,
    topK,
    gates,
    who: whoIn(known),
    choice: strategyChoiceIn(known),
    rule: fieldsOfRule(stopRule),
  }
}

/** Whether a plan could be had with them. */
export function isComplete({ rule, topK, choice }: PlanFields): boolean {
  return isRule(rule) && Number(topK) >= 1 && isWithinBudget(choice.minShare)
}

/** How its rounds mine and who labels them, as the graph takes it. */
export function settingsIn({ choice, topK, who }: PlanFields) {
  return {
    ...settingsOfChoice(choice),
    topK: Number(topK),
    ...settingOf(who),
    // classes are counted in what the model draws
    ...(choice.minShare.length > 0 && { annotate: true }),
  }
}

export function gatesIn({ gates }: Pick<PlanFields, 'gates'>): IterationStepName[] {
  return stepNames.filter((step) => gates.includes(step))
}

/** What of a plan is other than before, as the graph takes it; what stays is not checked anew. */
export function changesOf(before: PlanFields, after: PlanFields): Omit<ChangePlanInput, 'planId'> {
  const [was, is] = [before, after].map((fields) => ({
    ...settingsIn(fields),
    name: fields.name.trim(),
    stopRule: ruleOf(fields.rule),
    gates: gatesIn(fields),
  })) as [Wanted, Wanted] // a pair gives a pair
  const changed = Object.entries(is).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(was[field as keyof Wanted]),
  )
  return Object.fromEntries(changed)
}

type Wanted = ReturnType<typeof settingsIn> & Pick<ChangePlanInput, 'name' | 'stopRule' | 'gates'>
