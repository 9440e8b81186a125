import { DomainError, notFound } from '@ymir/graphql'
import type { StrategyName } from '../strategy/strategies.ts'

/** What the graph says of an executor image. */
export interface ImageToMineWith {
  readonly name: string
  readonly kinds: readonly string[]
  readonly enabled: boolean
  /** Those that are not are there for administrators only. */
  readonly shared: boolean
  /** Whether it tells what it sees in each image, by which the platform can choose. */
  readonly tellsDetails: boolean
}

/**
 * What is mined by where no strategy is named: what did best in `bench/learning-effect`, else what any image can be asked for.
 * @param isTrainingKnown whether the set is there that the model was trained on
 */
export function usualStrategy(image: ImageToMineWith | null, isTrainingKnown: boolean): StrategyName {
  return image?.tellsDetails && isTrainingKnown ? 'CLASS_BALANCE' : 'ENTROPY'
}

/** @throws DomainError when the image cannot do what mining asks of it, or is not there for the one who asks */
export function checkImage(
  image: ImageToMineWith | null,
  id: string,
  { annotate, asAdministrator }: { annotate: boolean; asAdministrator: boolean },
): void {
  if (!image || !(image.shared || asAdministrator)) throw notFound('executor image', id)
  if (!image.enabled)
    throw new DomainError('CONFLICT', `executor image ${image.name} is disabled: choose another`)
  for (const kind of annotate ? ['MINING', 'INFERENCE'] : ['MINING'])
    if (!image.kinds.includes(kind))
      throw new DomainError(
        'CONFLICT',
        `executor image ${image.name} has no template for ${kind}: choose another`,
      )
}
