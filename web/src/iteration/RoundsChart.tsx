import '@mantine/charts/styles.css'
import { LineChart } from '@mantine/charts'
import { Paper, Stack, Text, Title } from '@mantine/core'
import { ErrorBar, Line } from 'recharts'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../look/formats.ts'
import type { RoundsQuery } from './iteration.generated.ts'
import type { Interval } from './IterationsTab.tsx'

type Round = NonNullable<RoundsQuery['project']>['rounds'][number]

/** mAP over the rounds, with the interval in which it would be on other test images of the same kind. */
export function RoundsChart({
  rounds,
  intervals,
}: {
  readonly rounds: readonly Round[]
  readonly intervals: ReadonlyMap<string, Interval>
}) {
  const { t } = useTranslation('iteration')
  const { percent } = useFormats()
  const points = rounds.map(({ round, map50, model }) => {
    const interval = intervals.get(model.id)
    return {
      round: round === 0 ? t('theStart') : t('roundNumber', { round }),
      map: map50,
      error: map50 !== null && interval ? [map50 - interval.low, interval.high - map50] : undefined,
    }
  })
  const hasIntervals = points.some(({ error }) => error)
  return (
    <Paper withBorder p="lg" component="section" aria-labelledby="map-over-rounds">
      <Stack gap="sm">
        <Title order={2} size="h4" id="map-over-rounds">
          {t('mapOverRounds')}
        </Title>
        <LineChart
          h={240}
          data={points}
          dataKey="round"
          series={[{ name: 'map', label: t('map'), color: 'var(--mantine-primary-color-filled)' }]}
          curveType="linear"
          yAxisProps={{ domain: [floor(points), ceiling(points)], width: 64 }}
          valueFormatter={percent}
          gridAxis="x"
          strokeWidth={2.5}
          lineChartProps={{ margin: { right: 16, top: 8, left: 0, bottom: 0 }, accessibilityLayer: true }}
        >
          {hasIntervals && (
            <Line
              dataKey="map"
              stroke="none"
              dot={false}
              activeDot={false}
              tooltipType="none"
              isAnimationActive={false}
            >
              <ErrorBar
                dataKey="error"
                width={6}
                strokeWidth={1.5}
                stroke="var(--mantine-color-dimmed)"
                isAnimationActive={false}
              />
            </Line>
          )}
        </LineChart>
        {hasIntervals && (
          <Text size="xs" c="dimmed">
            {t('errorBars')}
          </Text>
        )}
      </Stack>
    </Paper>
  )
}

interface Point {
  readonly map: number | null
  readonly error?: readonly number[] | undefined
}

const tenth = (value: number) => Math.round(value * 10) / 10

function floor(points: readonly Point[]): number {
  const lows = points.flatMap(({ map, error }) => (map === null ? [] : [map - (error?.[0] ?? 0)]))
  return Math.max(0, tenth(Math.floor(Math.min(...lows, 1) * 10) / 10))
}

function ceiling(points: readonly Point[]): number {
  const highs = points.flatMap(({ map, error }) => (map === null ? [] : [map + (error?.[1] ?? 0)]))
  return Math.min(1, tenth(Math.ceil(Math.max(...highs, 0) * 10) / 10))
}
