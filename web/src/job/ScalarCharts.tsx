import { Group, Paper, SimpleGrid, Slider, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLive } from '../graph/live.ts'
import { JobScalarsDocument } from './job.generated.ts'
import { LineChart } from './LineChart.tsx'
import { figuresOf, smoothed, withLogged, type Curves } from './scalars.ts'

export const lineColours = ['blue', 'orange', 'teal', 'grape', 'red', 'lime'].map(
  (name) => `light-dark(var(--mantine-color-${name}-7), var(--mantine-color-${name}-4))`,
)

/** What a job logs, as it comes: a figure for each name, with training and validation in one. */
export function ScalarCharts({ jobId }: { jobId: string }) {
  const { t } = useTranslation('job')
  const curves = useScalars(jobId)
  const [weight, setWeight] = useState(0)
  if (curves.size === 0)
    return (
      <Text c="dimmed" size="sm">
        {t('noScalars')}
      </Text>
    )
  return (
    <Stack gap="sm">
      <Group gap="sm" justify="flex-end">
        <Text size="sm" c="dimmed" id="smoothing">
          {t('smoothing')}
        </Text>
        <Slider
          w={160}
          size="sm"
          min={0}
          max={0.98}
          step={0.02}
          value={weight}
          onChange={setWeight}
          label={(value) => value.toFixed(2)}
          thumbProps={{ 'aria-labelledby': 'smoothing' }}
        />
      </Group>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {figuresOf(curves).map(({ name, tags }) => (
          <Paper key={name} withBorder p="sm">
            <Text size="sm" fw={600} mb={4}>
              {name}
            </Text>
            <LineChart
              label={t('curveOf', { name })}
              xName={t('step')}
              lines={tags.map((tag, index) => {
                const points = curves.get(tag) ?? []
                return {
                  name: tag,
                  colour: lineColours[index % lineColours.length]!,
                  points: smoothed(points, weight),
                  behind: weight > 0 ? points : undefined,
                }
              })}
            />
          </Paper>
        ))}
      </SimpleGrid>
    </Stack>
  )
}

/** The numbers that a job logged, kept up to date; of one that ended, all. */
export function useScalars(jobId: string): Curves {
  const [curves, setCurves] = useState<Curves>(new Map())
  useLive(
    JobScalarsDocument,
    { jobId },
    { onUpdate: ({ jobScalars }) => setCurves((sofar) => withLogged(sofar, jobScalars.scalars)) },
  )
  return curves
}
