import { useTranslation } from 'react-i18next'
import { useFormats } from '../look/formats.ts'
import type { Thing } from './lineage.ts'

export interface ThingWords {
  readonly name: string
  readonly facts: string
}

/** What a thing of the lineage is called, and what is worth knowing of it at a glance. */
export function useThingWords(): (thing: Thing) => ThingWords {
  const { t } = useTranslation('project')
  const { number, percent } = useFormats()
  return (thing) => {
    switch (thing.__typename) {
      case 'DatasetVersion':
        return {
          name: t('versionOf', { dataset: thing.dataset.name, number: thing.number }),
          facts: t('thing.version', {
            operation: t(`operation.${thing.operation}`),
            count: thing.assetCount,
            number: number(thing.assetCount),
          }),
        }
      case 'Model':
        return {
          name: thing.name,
          facts:
            thing.map50 === null
              ? t(`modelState.${thing.state}`)
              : t('thing.model', { map: percent(thing.map50) }),
        }
      case 'Job':
        return { name: thing.kinds.map((kind) => t(`jobKind.${kind}`)).join(', '), facts: t('thing.job') }
      case 'MiningTask':
        return {
          name: t('thing.miningTask'),
          facts: t('thing.mined', { count: thing.topK, number: number(thing.topK) }),
        }
      case 'LabellingTask':
        return {
          name: thing.name,
          facts: t('thing.labelled', { done: number(thing.doneCount), total: number(thing.itemCount) }),
        }
    }
  }
}
