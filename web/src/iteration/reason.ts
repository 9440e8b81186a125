import type { TFunction } from 'i18next'
import type { MiningStrategy } from '../graph/schema.generated.ts'
import type { Formats } from '../look/formats.ts'
import type { MinedImagesQuery } from './iteration.generated.ts'

type Mined = NonNullable<MinedImagesQuery['miningTask']>['assets']['edges'][number]['node']
type Reason = NonNullable<Mined['reason']>
type Tell = (reason: Reason, score: number) => string | undefined

/** Why an image was mined, in a few words each; none where its executor image told nothing. */
export function wordsOfReason(
  { reason, score }: Pick<Mined, 'reason' | 'score'>,
  t: TFunction<'iteration'>,
  { number, percent }: Pick<Formats, 'number' | 'percent'>,
  language: string,
): string[] {
  if (!reason) return []
  const short = new Intl.NumberFormat(language, { maximumSignificantDigits: 2 })
  const doubtfulBox: Tell = ({ label, probability }) =>
    label != null && probability != null
      ? t('why.doubtfulBox', { label, probability: percent(probability) })
      : undefined
  const tell: Record<MiningStrategy, Tell> = {
    ENTROPY: doubtfulBox,
    LEAST_CONFIDENCE: doubtfulBox,
    BINARY_ENTROPY: doubtfulBox,
    PPAL: doubtfulBox,
    BADGE: doubtfulBox,
    MARGIN: (one, ofScore) => {
      const { label, probability, secondLabel, secondProbability } = one
      if (label == null || probability == null || secondLabel == null || secondProbability == null)
        return doubtfulBox(one, ofScore)
      return t('why.twoClasses', {
        ...{ label, probability: percent(probability) },
        ...{ second: secondLabel, secondProbability: percent(secondProbability) },
      })
    },
    CLASS_BALANCE: ({ label, labelledBoxes }) =>
      label != null && labelledBoxes != null
        ? t('why.rareClass', { label, count: labelledBoxes, boxes: number(labelledBoxes) })
        : undefined,
    VIEW_DISAGREEMENT: (_, ofScore) => t('why.viewsDisagree', { share: percent(ofScore) }),
    PROBABILITY_VARIANCE: () => t('why.viewsVary'),
    CALD: () => t('why.viewsVary'),
    CALD_OF_IMAGES: () => t('why.viewsVary'),
    LOCAL_DIVERGENCE: () => t('why.neighboursContradict'),
    CORE_SET: ({ nearestDistance }) =>
      nearestDistance == null
        ? t('why.farthest')
        : t('why.unlike', { distance: short.format(nearestDistance) }),
    TYPICLUST: ({ clusterSize }) =>
      clusterSize == null ? undefined : t('why.typical', { count: clusterSize, images: number(clusterSize) }),
    RANDOM: () => t('why.drawn'),
  }
  const words = [
    tell[reason.strategy](reason, score),
    reason.forShareOf != null ? t('why.share', { label: reason.forShareOf }) : undefined,
  ]
  return words.filter((one) => one !== undefined)
}
