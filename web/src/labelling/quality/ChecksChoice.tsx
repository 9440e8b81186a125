import { Group, NumberInput, Select } from '@mantine/core'
import { useTranslation } from 'react-i18next'

/** How answers are to be checked. */
export interface Checks {
  readonly goldVersionId: string | null
  readonly goldCount: number
  /** Of the images, 0 to 100. */
  readonly overlapPercent: number
}

export const noChecks: Checks = { goldVersionId: null, goldCount: 20, overlapPercent: 0 }

/** Gold images and overlap of a new task. */
export function ChecksChoice({
  versions,
  value,
  onChange,
}: {
  readonly versions: readonly { readonly value: string; readonly label: string }[]
  readonly value: Checks
  readonly onChange: (value: Checks) => void
}) {
  const { t } = useTranslation('labelling')
  return (
    <>
      <Select
        label={t('goldVersion')}
        description={t('goldVersionWhy')}
        placeholder={t('noGold')}
        data={versions}
        value={value.goldVersionId}
        onChange={(goldVersionId) => onChange({ ...value, goldVersionId })}
        searchable
        clearable
      />
      <Group grow align="flex-start">
        {value.goldVersionId && (
          <NumberInput
            label={t('goldCount')}
            value={value.goldCount}
            onChange={(count) => onChange({ ...value, goldCount: Number(count) || 1 })}
            min={1}
            max={1000}
            allowDecimal={false}
          />
        )}
        <NumberInput
          label={t('overlap')}
          description={t('overlapWhy')}
          value={value.overlapPercent}
          onChange={(percent) => onChange({ ...value, overlapPercent: Number(percent) || 0 })}
          min={0}
          max={100}
          suffix="%"
        />
      </Group>
    </>
  )
}
