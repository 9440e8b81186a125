import { Group, MultiSelect, Paper, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { labelColour } from '../asset/label-colour.ts'
import { LineChart, type Line } from '../job/LineChart.tsx'
import { useFormats } from '../look/formats.ts'
import type { ClassFigures } from './ClassTable.tsx'
import { meanOf, meanPrecision } from './precision.ts'

/** Precision over recall at IoU 0.5: the mean of all classes, and those that one chooses. */
export function PrecisionRecall({ classes }: { classes: readonly ClassFigures[] }) {
  const { t } = useTranslation('model')
  const { percent } = useFormats()
  const [chosen, setChosen] = useState<string[]>([])
  const measured = classes.filter(({ groundTruthCount }) => groundTruthCount > 0)
  const mean = meanPrecision(measured)
  const lines: Line[] = [
    {
      name: t('allClasses'),
      colour: 'var(--mantine-primary-color-filled)',
      points: mean,
      figure: meanOf(mean),
    },
    ...measured
      .filter(({ label }) => chosen.includes(label))
      .map((one) => ({
        name: one.label,
        colour: labelColour(one.label),
        figure: one.ap50 ?? undefined,
        points: one.recallPoints.map((x, index) => ({ x, y: one.precisionAtRecall[index] ?? 0 })),
      })),
  ]
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" mb="xs" gap="xs">
        <Text fw={600}>{t('precisionRecall')}</Text>
        <MultiSelect
          size="xs"
          aria-label={t('classesShown')}
          placeholder={chosen.length === 0 ? t('addClass') : undefined}
          data={measured.map(({ label }) => label)}
          value={chosen}
          onChange={setChosen}
          maxValues={6}
          searchable
          clearable
          w={220}
        />
      </Group>
      <LineChart
        label={t('precisionRecall')}
        lines={lines}
        height={260}
        format={percent}
        xName={t('recall')}
        yRange={[0, 1]}
      />
    </Paper>
  )
}
