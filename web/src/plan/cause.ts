import type { TFunction } from 'i18next'
import type { PlanCause } from '../graph/schema.generated.ts'
import type { Formats } from '../look/formats.ts'
import type { PlansQuery } from './plan.generated.ts'

type Plan = NonNullable<PlansQuery['project']>['plans'][number]
type Step = Plan['iterations'][number]['steps'][number]

/** Why a plan is in its state. */
export interface Told {
  /** In the language of the page. */
  readonly words?: string | undefined
  /** In the words of the service, which are English: the problem, or where there are no others. */
  readonly text?: string | null
}

/**
 * Why a plan waits, paused, stopped or failed; nothing while it runs.
 * Figures are those of its rounds: its rule may have been changed since it held.
 */
export function tellCause(
  { cause, reason, iterations, rounds }: Pick<Plan, 'cause' | 'reason' | 'iterations' | 'rounds'>,
  t: TFunction<['plan', 'iteration']>,
  { number, percent }: Pick<Formats, 'number' | 'percent'>,
): Told {
  if (!cause) return { text: reason }
  const newest = iterations.at(-1)
  const ended = rounds.slice(1) // before it: where they began
  const stepThat = (isMeant: (step: Step) => boolean) => {
    const step = newest?.steps.find(isMeant)
    return step && newest && { round: newest.round, step: t(`iteration:step.${step.name}`) }
  }
  const tell: Record<PlanCause, () => string | undefined> = {
    TARGET_REACHED: () => {
      const map50 = ended.at(-1)?.map50
      return map50 == null ? undefined : t('cause.TARGET_REACHED', { map: percent(map50) })
    },
    NO_GAIN: () => t('cause.NO_GAIN'),
    ROUNDS_SPENT: () => t('cause.ROUNDS_SPENT', { count: ended.length, rounds: number(ended.length) }),
    IMAGES_SPENT: () => {
      const count = ended.reduce((sum, { imageCount }) => sum + imageCount, 0)
      return t('cause.IMAGES_SPENT', { count, images: number(count) })
    },
    POOL_EMPTY: () => t('cause.POOL_EMPTY'),
    ROUNDS_DONE: () => t('cause.ROUNDS_DONE'),
    GATE: () => {
      const place = stepThat(({ state }) => state !== 'SUCCEEDED')
      return place && t('cause.GATE', place)
    },
    STEP_FAILED: () => {
      const place = stepThat(({ state }) => state === 'FAILED')
      return place && t('cause.STEP_FAILED', place)
    },
    STEP_CANCELLED: () => {
      const place = stepThat(({ state }) => state === 'CANCELLED')
      return place && t('cause.STEP_CANCELLED', place)
    },
    REFUSED: () => t('cause.REFUSED'),
    PAUSED_BY_PERSON: () => t('cause.PAUSED_BY_PERSON'),
    CANCELLED_BY_PERSON: () => t('cause.CANCELLED_BY_PERSON'),
  }
  const words = tell[cause]()
  const hasProblem = cause === 'STEP_FAILED' || cause === 'REFUSED'
  return hasProblem || words === undefined ? { words, text: reason } : { words }
}
