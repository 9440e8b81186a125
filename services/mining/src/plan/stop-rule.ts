import { hasGained, type RoundRecord } from '../iteration/record.ts'
import type { Why } from './plan.ts'

/** When a plan has done enough; what is left out does not count. */
export interface StopRule {
  /** mAP at IoU 0.5, 0 to 1. */
  readonly targetMap50?: number | undefined
  /** So many rounds in a row without a gain beyond the noise of the test set. */
  readonly roundsWithoutGain?: number | undefined
  readonly maxRounds?: number | undefined
  /** Images mined in all its rounds. */
  readonly maxImages?: number | undefined
}

/** What a rule looks at in a round that has ended. */
export interface EndedRound {
  readonly map50: number | null
  /** Images that were mined. */
  readonly imageCount: number
  /** Images left in the pool. */
  readonly poolCount: number
  readonly record: Pick<RoundRecord, 'gain'> | null
}

/**
 * Why a plan stops; undefined when it goes on.
 * @param rounds its own, first to last
 */
export function reasonToStop(rule: StopRule, rounds: readonly EndedRound[]): Why | undefined {
  const last = rounds.at(-1)
  if (!last) return undefined
  const { targetMap50, roundsWithoutGain, maxRounds, maxImages } = rule
  if (targetMap50 !== undefined && last.map50 !== null && last.map50 >= targetMap50)
    return {
      cause: 'TARGET_REACHED',
      text: `target reached: mAP ${percent(last.map50)}, wanted ${percent(targetMap50)}`,
    }
  if (roundsWithoutGain !== undefined && withoutGain(rounds) >= roundsWithoutGain)
    return {
      cause: 'NO_GAIN',
      text: `no gain over ${counted(roundsWithoutGain, 'round')} beyond the noise of the test set`,
    }
  if (maxRounds !== undefined && rounds.length >= maxRounds)
    return {
      cause: 'ROUNDS_SPENT',
      text: `budget spent: ${rounds.length} of ${counted(maxRounds, 'round')}`,
    }
  if (maxImages !== undefined && imagesOf(rounds) >= maxImages)
    return {
      cause: 'IMAGES_SPENT',
      text: `budget spent: ${imagesOf(rounds)} of ${counted(maxImages, 'image')}`,
    }
  if (last.poolCount <= 0) return { cause: 'POOL_EMPTY', text: 'nothing is left to mine: the pool is empty' }
  return undefined
}

/** How many images the next round may mine: what is usual, but no more than is left of the budget. */
export function imagesForNext(rule: StopRule, rounds: readonly EndedRound[], usual: number): number {
  return rule.maxImages === undefined ? usual : Math.min(usual, rule.maxImages - imagesOf(rounds))
}

function withoutGain(rounds: readonly EndedRound[]): number {
  const gained = rounds.findLastIndex(({ record }) => record !== null && hasGained(record))
  return rounds.length - 1 - gained
}

const imagesOf = (rounds: readonly EndedRound[]) =>
  rounds.reduce((sum, { imageCount }) => sum + imageCount, 0)

const percent = (share: number) => `${(share * 100).toFixed(1)} %`

const counted = (count: number, thing: string) => `${count} ${thing}${count === 1 ? '' : 's'}`
