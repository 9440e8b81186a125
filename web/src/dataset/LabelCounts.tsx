import { Badge, Group, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../look/formats.ts'

interface LabelCountsProps {
  readonly labels: readonly { readonly label: string; readonly annotationCount: number }[]
  /** How many are named. */
  readonly shown?: number
}

/** The labels of a version with the most annotations, and how many more there are. */
export function LabelCounts({ labels, shown = 4 }: LabelCountsProps) {
  const { t } = useTranslation('dataset')
  const { number } = useFormats()
  const byCount = [...labels].sort((a, b) => b.annotationCount - a.annotationCount)
  const rest = byCount.slice(shown)
  return (
    <Group gap={4}>
      {byCount.slice(0, shown).map(({ label, annotationCount }) => (
        <Badge key={label} variant="default" tt="none" fw={500} className="figures">
          {t('labelCount', { label, number: number(annotationCount) })}
        </Badge>
      ))}
      {rest.length > 0 && (
        <Text size="xs" c="dimmed" title={rest.map(({ label }) => label).join(', ')}>
          {t('moreLabels', { number: number(rest.length) })}
        </Text>
      )}
    </Group>
  )
}
