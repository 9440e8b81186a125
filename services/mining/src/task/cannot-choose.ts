import { type Need, type StrategyName, strategies } from '../strategy/strategies.ts'

/** The image told too little for the strategy, or there is too much to choose from: the task fails with these words. */
export class CannotChoose extends Error {}

const inWords: Record<Need, string> = {
  PROBABILITIES: 'class probabilities',
  EMBEDDINGS: 'embedding',
  VIEWS: 'views',
  HEAT_MAPS: 'heat maps',
}

/** @param what begins the words of what is missing */
export function tooLittle(
  strategy: StrategyName,
  what: string,
  missing: readonly Need[] = strategies[strategy].needs,
): CannotChoose {
  return new CannotChoose(
    `the executor image tells ${what} ${missing.map((need) => inWords[need]).join(' and ')}, by which ${strategy} chooses: ` +
      `choose RANDOM, ENTROPY, LEAST_CONFIDENCE or MARGIN, which any image can be mined by, or an image that writes mining-details.jsonl`,
  )
}
