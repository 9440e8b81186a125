import { useTranslation } from 'react-i18next'
import { useFormats } from '../look/formats.ts'
import type { VersionShown } from './VersionPage.tsx'

type NamedSet = Pick<VersionShown['predictionSets'][number], 'sourceKind' | 'createdAt' | 'predictionCount'>

/** Names prediction sets: where they come from, since when, and how many predictions they are. */
export function useSetWords() {
  const { t } = useTranslation('version')
  const { number, day } = useFormats()
  return ({ sourceKind, createdAt, predictionCount }: NamedSet) =>
    t(`predictionsFrom.${sourceKind}`, { when: day(createdAt), number: number(predictionCount) })
}
