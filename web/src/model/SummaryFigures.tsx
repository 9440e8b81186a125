import { Group, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../look/formats.ts'

/** COCO's figures that say something beyond mAP at IoU 0.5, under the names that people of the field know. */
const shown = ['AP', 'AP75', 'APs', 'APm', 'APl', 'AR100'] as const

export function SummaryFigures({ summary }: { summary: unknown }) {
  const { t } = useTranslation('model')
  const { percent } = useFormats()
  const figures = shown.flatMap((name) => {
    const value = numberAt(summary, name)
    return value === undefined || value < 0 ? [] : [{ name, value }]
  })
  return (
    <Group gap="xl" className="figures">
      {figures.map(({ name, value }) => (
        <Stack key={name} gap={0}>
          <Text size="xs" c="dimmed">
            {t(`summary.${name}`)}
          </Text>
          <Text fw={600}>{percent(value)}</Text>
        </Stack>
      ))}
    </Group>
  )
}

function numberAt(summary: unknown, name: string): number | undefined {
  if (typeof summary !== 'object' || summary === null) return undefined
  const value: unknown = Object.entries(summary).find(([key]) => key === name)?.[1]
  return typeof value === 'number' ? value : undefined
}
