import { Select } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { byPeople, inTurn, type LabellerChoice } from './labeller.ts'

interface LabellerSelectProps {
  readonly who: string
  readonly labellers: readonly LabellerChoice[]
  readonly onChange: (who: string) => void
}

/** Who labels: people, vendors, or an automatic labeller. */
export function LabellerSelect({ who, labellers, onChange }: LabellerSelectProps) {
  const { t } = useTranslation('iteration')
  const others = inTurn(who, labellers)
  return (
    <Select
      label={t('whoLabels')}
      description={t('whoLabelsAdvice')}
      data={[
        { value: byPeople, label: t('peopleLabel') },
        ...[...labellers, ...(others ? [others] : [])].map(({ who: value, name, isVendor }) => ({
          value,
          label: isVendor ? t('vendorLabels', { name }) : t('labellerKnows', { name }),
        })),
      ]}
      value={who}
      onChange={(value) => onChange(value ?? byPeople)}
      allowDeselect={false}
    />
  )
}
